using Switchboard.Bench.Load;
using Switchboard.Bench.Measure;
using Switchboard.Bench.Servers;

namespace Switchboard.Bench.Overload;

/// <summary>One round's figures.</summary>
/// <param name="Load">What the callers saw.</param>
/// <param name="WorkingSetMb">The gateway's resident memory after it.</param>
/// <param name="ServerCores">How many cores the gateway kept busy.</param>
/// <param name="OthersShare">How much of all cores' time went to other processes than these two.</param>
internal sealed record Figures(LoadRound Load, double WorkingSetMb, double ServerCores, double OthersShare);

/// <summary>What is measured, with what is at hand for it.</summary>
internal sealed class Scenarios
{
    private const string Agent = "overloaded";

    // One seed, so that every run offers the same arrivals.
    private const int Seed = 20_261_120;

    private readonly OverloadOptions _options;
    private readonly ChildServer _child;
    private readonly Asker _asker;
    private readonly CancellationToken _token;

    private Scenarios(OverloadOptions options, ChildServer child, Asker asker, CancellationToken token)
    {
        _options = options;
        _child = child;
        _asker = asker;
        _token = token;
    }

    /// <summary>An agent that takes a while for each request: what fits is what it takes at once, divided by that while.</summary>
    public static Task PacedAsync(OverloadOptions options, CancellationToken token) =>
        RunAsync(options, options.Service, s => s.PacedAsync(), token);

    /// <summary>
    /// An agent that answers at once: what fits is what the processors give, which load, agent and gateway share. So the load above is not
    /// a rate, but callers that never wait, ten times as many as the agent takes at once; and what fits is what the round before it did.
    /// </summary>
    public static Task CpuAsync(OverloadOptions options, CancellationToken token) =>
        RunAsync(options, TimeSpan.Zero, s => s.CpuAsync(), token);

    private static async Task RunAsync(OverloadOptions options, TimeSpan service, Func<Scenarios, Task> measure, CancellationToken token)
    {
        await using var child = await ChildServer.StartAsync("gateway", ServerKinds.Gateway, logged: false, options.GatewayArguments);
        await using var agent = await LoadAgent.ConnectAsync(Agent, child.Grpc, messages: 1, (uint)options.InFlight, service);
        using var asker = new Asker(child.Grpc, Agent, options.Connections);

        // Warm for both: what is served, and what is refused.
        if (options.WarmUp > TimeSpan.Zero)
        {
            await HammerLoop.RunAsync(asker, options.InFlight * 2, options.WarmUp, token);
        }

        await await Task.WhenAny(measure(new Scenarios(options, child, asker, token)), agent.Failed);
    }

    private async Task PacedAsync()
    {
        // What the agent would serve if handing over and answering took no time at all: more than it can, and the same in every run.
        var capacity = _options.InFlight / _options.Service.TotalSeconds;
        var random = new Random(Seed);
        var pairs = await PairsAsync(
            () => OpenLoop.RunAsync(_asker, 0.8 * capacity, _options.Round, random, _token),
            () => OpenLoop.RunAsync(_asker, _options.Times * capacity, _options.Round, random, _token));
        var title = $"overload, paced: an agent with {_options.InFlight} in flight, {_options.Service.TotalMilliseconds:n0} ms each";
        Report.Write(title, "0.8 of it", $"{_options.Times} times", capacity, pairs);
    }

    private async Task CpuAsync()
    {
        var pairs = await PairsAsync(
            () => HammerLoop.RunAsync(_asker, _options.InFlight, _options.Round, _token),
            () => HammerLoop.RunAsync(_asker, _options.InFlight * _options.Times, _options.Round, _token));
        var title = $"overload, cpu: an agent with {_options.InFlight} in flight that answers at once";
        Report.Write(title, "as many callers", $"{_options.Times} times as many", capacity: null, pairs);
    }

    private async Task<List<(Figures Below, Figures Above)>> PairsAsync(Func<Task<LoadRound>> below, Func<Task<LoadRound>> above)
    {
        List<(Figures Below, Figures Above)> pairs = [];
        for (var pair = 0; pair < _options.Pairs; pair++)
        {
            pairs.Add((await MeasureAsync(below), await MeasureAsync(above)));
            _token.ThrowIfCancellationRequested();
            await Console.Error.WriteAsync($"\rpair {pair + 1} of {_options.Pairs} ");
        }

        await Console.Error.WriteLineAsync();
        return pairs;
    }

    private async Task<Figures> MeasureAsync(Func<Task<LoadRound>> run)
    {
        var clock = TimeProvider.System;
        var before = await _child.ReadStatsAsync();
        var (own, busy, start) = (Environment.CpuUsage.TotalTime, Machine.BusyTime(), clock.GetTimestamp());
        var load = await run();
        var (elapsed, after) = (clock.GetElapsedTime(start), await _child.ReadStatsAsync());
        own = Environment.CpuUsage.TotalTime - own;
        var server = after.Cpu - before.Cpu;
        var others = (Machine.BusyTime() - busy ?? TimeSpan.Zero) - own - server;
        return new Figures(load, after.WorkingSetBytes / 1e6, server / elapsed, others / (elapsed * Environment.ProcessorCount));
    }
}
