using System.Diagnostics;
using Orleans.TestingHost;

namespace Switchboard.Bench.StandIns;

/// <summary>A grain that does nothing.</summary>
[Alias("bench.IPingGrain")]
public interface IPingGrain : IGrainWithIntegerKey
{
    /// <summary>Answers with what it was sent.</summary>
    [Alias("Ping")]
    Task<long> Ping(long number);
}

/// <summary>Calls of a few grains from within their silo, as the gateway's are.</summary>
internal sealed class GrainCalls : ICalls
{
    private const int Grains = 8;
    private readonly InProcessTestCluster _cluster;
    private readonly IPingGrain[] _grains;

    private GrainCalls(InProcessTestCluster cluster)
    {
        _cluster = cluster;
        var factory = cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
        _grains = [.. Enumerable.Range(0, Grains).Select(i => factory.GetGrain<IPingGrain>(i))];
    }

    public static async Task<ICalls> StartAsync()
    {
        var cluster = new InProcessTestClusterBuilder(1).Build();
        await cluster.DeployAsync();
        return new GrainCalls(cluster);
    }

    public async Task CallAsync(long number)
    {
        if (await _grains[number % Grains].Ping(number) != number) throw new UnreachableException("a wrong answer of a grain");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}

/// <summary>The grain that does nothing.</summary>
[GrainType("bench-ping")]
internal sealed class PingGrain : Grain, IPingGrain
{
    public Task<long> Ping(long number) => Task.FromResult(number);
}
