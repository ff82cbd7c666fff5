using System.Globalization;
using System.Net;

namespace Switchboard.Bench.Load;

/// <summary>Many agents, each on a connection of its own, that only subscribe and stay.</summary>
internal sealed class Crowd : IDisposable
{
    // What a process has open beside the agents' connections: libraries, listeners, pipes, the silo's own sockets.
    private const int OtherFiles = 500;

    private const int Tries = 5;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly RawAgent[] _agents;
    private int _refused;

    private Crowd(string name, int agents, Uri server)
    {
        var end = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        var headers = RawAgent.HeaderBlock(server);
        _agents = [.. Enumerable.Range(0, agents).Select(i => new RawAgent(string.Create(CultureInfo.InvariantCulture, $"{name}-{i}"), end, headers))];
    }

    /// <summary>From the first connect's start to the last welcome.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>How often one was refused, and came again a second later.</summary>
    public int Refused => _refused;

    /// <summary>How long each had to wait for its welcome, all having started together.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Fails when one of them does.</summary>
    public Task Failed => Task.WhenAny(_agents.Select(a => a.Failed)).Unwrap();

    /// <summary>Lets all connect at once and waits for every welcome.</summary>
    /// <exception cref="BenchFailure">One was not welcomed, or two were told the same session.</exception>
    public static async Task<Crowd> ConnectAsync(int agents, string name, Uri server)
    {
        var crowd = new Crowd(name, agents, server);
        try
        {
            await crowd.ConnectAsync();
            return crowd;
        }
        catch
        {
            crowd.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Fails where this process, and so its children, may not have as many files open. The runtime has raised the soft limit to the hard one.
    /// </summary>
    public static void RequireFiles(int agents)
    {
        const string Limits = "/proc/self/limits";
        if (!File.Exists(Limits))
        {
            return;
        }

        var line = File.ReadLines(Limits).First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var allowed = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        if (allowed == "unlimited" || int.Parse(allowed, CultureInfo.InvariantCulture) >= agents + OtherFiles)
        {
            return;
        }

        throw new BenchFailure(
            $"{agents} connections need {agents + OtherFiles} open files, and {allowed} are allowed: run `ulimit -n {agents + OtherFiles}` before, or choose fewer with --agents.");
    }

    public void Dispose()
    {
        foreach (var agent in _agents)
        {
            agent.Dispose();
        }
    }

    private async Task ConnectAsync()
    {
        var clock = TimeProvider.System;
        var begin = clock.GetTimestamp();
        var connects = _agents.Select(agent => ConnectOneAsync(agent, clock, begin)).ToList();
        try
        {
            await Task.WhenAll(connects).WaitAsync(BenchOptions.Patience * 3);
        }
        catch (TimeoutException)
        {
            throw new BenchFailure($"{connects.Count(c => !c.IsCompletedSuccessfully)} of {_agents.Length} agents have no welcome.");
        }

        Elapsed = clock.GetElapsedTime(begin);
        var sessions = _agents.Select(a => a.Session).Distinct().Count();
        if (sessions != _agents.Length)
        {
            throw new BenchFailure($"{_agents.Length} agents have {sessions} sessions.");
        }
    }

    private async Task ConnectOneAsync(RawAgent agent, TimeProvider clock, long begin)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                await agent.ConnectAsync();
                break;
            }
            catch (BenchFailure) when (tried < Tries)
            {
                Interlocked.Increment(ref _refused);
                await Task.Delay(_pause, clock);
            }
        }

        lock (Latency)
        {
            Latency.Record(clock.GetElapsedTime(begin));
        }
    }
}
