using Switchboard.Bench.Load;
using Switchboard.Bench.Servers;

namespace Switchboard.Bench.Measure;

/// <summary>One server and the load that is kept on it.</summary>
internal sealed record Side(ChildServer Server, ILoad Load) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Load.DisposeAsync();
        await Server.DisposeAsync();
    }
}

/// <summary>One round against one server.</summary>
internal interface IRound
{
    /// <summary>How much of all cores' time went to other processes; null where that is not known.</summary>
    double? OthersShare { get; }
}

/// <summary>One round's figures, each for one request.</summary>
internal sealed record Round(
    double PerSecond, double P50Ms, double P99Ms, double CpuMicros, double AllocatedBytes, double WorkingSetMb, double LoadCpuMicros) : IRound
{
    /// <inheritdoc/>
    public double? OthersShare { get; init; }

    /// <summary>Loads one side for a while and reads its counters before and after.</summary>
    public static async Task<Round> MeasureAsync(Side side, TimeSpan time, CancellationToken token)
    {
        var before = await side.Server.ReadStatsAsync();
        var (own, busy) = (Environment.CpuUsage.TotalTime, Machine.BusyTime());
        var load = await side.Load.RunAsync(time, token);
        token.ThrowIfCancellationRequested();
        own = Environment.CpuUsage.TotalTime - own;
        var after = await side.Server.ReadStatsAsync();
        var others = Machine.BusyTime() - busy - own - (after.Cpu - before.Cpu);
        if (load.Requests == 0)
        {
            throw new BenchFailure($"{side.Server.Name} answered nothing.");
        }

        return new Round(
            load.Requests / load.Elapsed.TotalSeconds,
            load.Latency.Percentile(0.50).TotalMilliseconds,
            load.Latency.Percentile(0.99).TotalMilliseconds,
            (after.Cpu - before.Cpu).TotalMicroseconds / load.Requests,
            (double)(after.AllocatedBytes - before.AllocatedBytes) / load.Requests,
            after.WorkingSetBytes / 1e6,
            own.TotalMicroseconds / load.Requests)
        {
            OthersShare = others / (load.Elapsed * Environment.ProcessorCount),
        };
    }
}
