using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Clusters;

/// <summary>A fleet: in turn an agent of the SDK, which goes through a balancer, and a stock client, which tries one node after another.</summary>
internal sealed class ClusterAgents : IAsyncDisposable
{
    private static readonly TimeSpan _connected = TimeSpan.FromSeconds(60);

    private ClusterAgents(IEnumerable<ClusterAgent> agents) => All = [.. agents];

    public IReadOnlyList<ClusterAgent> All { get; }

    /// <summary>Half of each kind; of the stock clients as many begin at each node.</summary>
    public static ClusterAgents OfBothKinds(int count, Balancer balancer) => new(Enumerable.Range(0, count).Select(i => i % 2 == 0
        ? ClusterAgent.OfSdk($"sdk-{i}", balancer.Address)
        : ClusterAgent.OfStockClient($"stock-{i}", () => balancer.Nodes, home: i / 2)));

    /// <summary>The SDK's alone.</summary>
    public static ClusterAgents OfSdk(int count, Balancer balancer) =>
        new(Enumerable.Range(0, count).Select(i => ClusterAgent.OfSdk($"sdk-{i}", balancer.Address)));

    /// <summary>Waits until each has connected: a thousand of them, and processes that have just started, take the machine for a while.</summary>
    public Task UntilConnectedAsync() => Eventually.IsTrueAsync(
        () => All.All(static a => a.Connects > 0), () => $"not connected: {string.Join(", ", All.Where(static a => a.Connects == 0))}", _connected);

    /// <summary>The stock clients that are connected to a node.</summary>
    public List<ClusterAgent> At(GatewayProcess node) => [.. All.Where(a => a.Port == node.Grpc.Port)];

    public async ValueTask DisposeAsync() => await Task.WhenAll(All.Select(static a => a.DisposeAsync().AsTask()));
}
