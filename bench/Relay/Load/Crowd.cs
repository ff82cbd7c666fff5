using System.Globalization;
using System.Net;

namespace Switchboard.Bench.Load;

/// <summary>Many agents, each on a connection of its own, that only subscribe and stay.</summary>
internal sealed class Crowd : IDisposable
{
    // What a process has open beside the agents' connections: libraries, listeners, pipes, the silo's own sockets.
    private const int OtherFiles = 500;

    private readonly RawAgent[] _agents;

    private Crowd(RawAgent[] agents, TimeSpan elapsed, LatencyHistogram latency) => (_agents, Elapsed, Latency) = (agents, elapsed, latency);

    /// <summary>From the first connect's start to the last welcome.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>How long each had to wait for its welcome, all having started together.</summary>
    public LatencyHistogram Latency { get; }

    /// <summary>Fails when one of them does.</summary>
    public Task Failed => Task.WhenAny(_agents.Select(a => a.Failed)).Unwrap();

    /// <summary>Lets all connect at once and waits for every welcome.</summary>
    /// <exception cref="BenchFailure">One was not welcomed, or two were told the same session.</exception>
    public static async Task<Crowd> ConnectAsync(int agents, string name, Uri server)
    {
        var end = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        var headers = RawAgent.HeaderBlock(server);
        var clock = TimeProvider.System;
        var latency = new LatencyHistogram();
        var begin = clock.GetTimestamp();
        var connects = Enumerable.Range(0, agents).Select(ConnectOneAsync).ToList();
        try
        {
            var connected = await Task.WhenAll(connects).WaitAsync(BenchOptions.Patience * 3);
            var crowd = new Crowd(connected, clock.GetElapsedTime(begin), latency);
            var sessions = connected.Select(a => a.Session).Distinct().Count();
            return sessions == agents ? crowd : throw new BenchFailure($"{agents} agents have {sessions} sessions.");
        }
        catch (TimeoutException)
        {
            throw new BenchFailure($"{connects.Count(c => !c.IsCompleted)} of {agents} agents have no welcome.");
        }

        async Task<RawAgent> ConnectOneAsync(int number)
        {
            var agent = await RawAgent.ConnectAsync(string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"), end, headers);
            lock (latency) latency.Record(clock.GetElapsedTime(begin));
            return agent;
        }
    }

    /// <summary>
    /// Fails where this process, and so its children, may not have as many files open. The runtime has raised the soft limit to the hard one.
    /// </summary>
    public static void RequireFiles(int agents)
    {
        const string Limits = "/proc/self/limits";
        if (!File.Exists(Limits)) return;
        var line = File.ReadLines(Limits).First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var allowed = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        if (allowed == "unlimited" || int.Parse(allowed, CultureInfo.InvariantCulture) >= agents + OtherFiles) return;
        throw new BenchFailure(
            $"{agents} connections need {agents + OtherFiles} open files, and {allowed} are allowed: run `ulimit -n {agents + OtherFiles}` before, or choose fewer with --agents.");
    }

    public void Dispose()
    {
        foreach (var agent in _agents) agent.Dispose();
    }
}
