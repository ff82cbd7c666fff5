using Switchboard.Bench.Load;
using Switchboard.Bench.Servers;

namespace Switchboard.Bench.Measure;

/// <summary>One crowd of agents at one server: what its connects cost, and what it holds when they are idle, each for one agent.</summary>
internal sealed record CrowdRound(
    double Seconds, double P50Ms, double P99Ms, double CpuMicros, double AllocatedBytes, double LoadCpuMicros, double Refused, double HeapKb, double ResidentKb) : IRound
{
    // Until the agents of the warm-up are forgotten: their connections are closed, their ends are told to the grains.
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public double? OthersShare { get; init; }

    /// <summary>
    /// Starts a server of its own for the round, because memory that a process has once had it keeps, warms it up with a smaller crowd, and
    /// lets the crowd come.
    /// </summary>
    public static async Task<CrowdRound> MeasureAsync(CrowdSide side, CrowdOptions options, CancellationToken token)
    {
        await using var server = await ChildServer.StartAsync(side.Name, side.Kind, logged: false, side.Arguments);
        using (await Crowd.ConnectAsync(options.WarmUpAgents, "warm", server.Grpc))
        {
            await Task.Delay(_rest, TimeProvider.System, token);
        }

        await Task.Delay(_rest, TimeProvider.System, token);

        var before = await server.ReadCollectedAsync();
        var (own, busy) = (Environment.CpuUsage.TotalTime, Machine.BusyTime());
        using var crowd = await Crowd.ConnectAsync(options.Agents, "crowd", server.Grpc);
        own = Environment.CpuUsage.TotalTime - own;
        var there = await server.ReadStatsAsync();
        var others = Machine.BusyTime() - busy - own - (there.Cpu - before.Cpu);

        // What fails while it only waits has failed too: an idle agent that was cut is none.
        var idle = Task.Delay(options.Idle, TimeProvider.System, token);
        await await Task.WhenAny(idle, crowd.Failed);
        var after = await server.ReadCollectedAsync();
        return new CrowdRound(
            crowd.Elapsed.TotalSeconds,
            crowd.Latency.Percentile(0.50).TotalMilliseconds,
            crowd.Latency.Percentile(0.99).TotalMilliseconds,
            (there.Cpu - before.Cpu).TotalMicroseconds / options.Agents,
            (double)(there.AllocatedBytes - before.AllocatedBytes) / options.Agents,
            own.TotalMicroseconds / options.Agents,
            crowd.Refused,
            (after.HeapBytes - before.HeapBytes) / 1024.0 / options.Agents,
            (after.WorkingSetBytes - before.WorkingSetBytes) / 1024.0 / options.Agents)
        {
            OthersShare = others / (crowd.Elapsed * Environment.ProcessorCount),
        };
    }
}

/// <summary>A server that crowds come to.</summary>
internal sealed record CrowdSide(string Name, string Kind, string[] Arguments);

/// <summary>What a run of crowds measures with.</summary>
internal sealed record CrowdOptions
{
    /// <summary>How many pairs of rounds are measured, a server for each round.</summary>
    public int Pairs { get; init; } = 3;

    /// <summary>How many agents come, each over a connection of its own.</summary>
    public int Agents { get; init; }

    /// <summary>How many agents come and go before, to warm a server up.</summary>
    public int WarmUpAgents { get; init; } = 500;

    /// <summary>How long they do nothing before the server's memory is read. Fifteen seconds take a heartbeat and a ping in.</summary>
    public TimeSpan Idle { get; init; }

    /// <summary>Measure only this side (<c>gateway</c> or <c>bare</c>); empty: both.</summary>
    public string Only { get; init; } = "";

    /// <summary>Further arguments for the gateway.</summary>
    public string[] GatewayArguments { get; init; } = [];
}
