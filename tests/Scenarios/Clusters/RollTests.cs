using Switchboard.Core.Agents;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;
using Xunit.Abstractions;

namespace Switchboard.Scenarios.Clusters;

/// <summary>Three nodes are replaced one after the other under load, as in a rolling upgrade.</summary>
[Collection(RunsAlone.Name)]
public sealed class RollTests(ITestOutputHelper output)
{
    private const int Nodes = 3;
    private const int Agents = 120;

    private static readonly TimeSpan _served = TimeSpan.FromSeconds(20);

    // Half a minute until the others take the cluster for settled, and a few renewals of 5 s.
    private static readonly TimeSpan _evenWithin = TimeSpan.FromMinutes(3);

    /// <summary>
    /// The last one to come up has no agents, and the others all of them. Those ask some to connect anew, a few at a time, until each has
    /// its share; no request fails meanwhile, nor comes twice.
    /// </summary>
    [PostgreSqlFact]
    public async Task Sessions_even_out_after_a_roll_and_no_request_is_lost()
    {
        await using var cluster = await TestCluster.NewAsync(
            settings: ["--Switchboard:FrontDoor:RebalanceRate=0.2", "--Switchboard:Shutdown:ReconnectSpread=2s"]);
        var before = await cluster.StartAsync(Nodes);
        await using var balancer = new Balancer(before);
        List<ClusterAgent> agents = [.. Enumerable.Range(0, Agents).Select(i => ClusterAgent.OfSdk($"sdk-{i}", balancer.Address))];
        try
        {
            var nodes = await RollAsync(cluster, balancer, before);
            var last = nodes[^1];
            await using var load = new ClusterLoad(nodes, agents);
            await load.UntilAllAreServedAsync(TimeSpan.Zero, _served);
            var calm = load.Now;
            Assert.InRange(await SessionsAsync(last), 0, Agents / Nodes / 2);

            var most = (Agents / Nodes) + SessionBalance.MarginOf(Agents / Nodes);
            int[] sessions = [];
            await Eventually.IsTrueAsync(
                async () => (sessions = await Task.WhenAll(nodes.Select(SessionsAsync))).Max() <= most && sessions.Sum() == Agents,
                () => $"sessions: {string.Join(", ", sessions)}", _evenWithin);
            output.WriteLine($"even after {(load.Now - calm).TotalSeconds:f0} s: {string.Join(", ", sessions)}");
            await load.UntilMoreAsync(500);
            await load.StopAsync();

            output.WriteLine(load.Summary(static _ => true));
            load.AssertTold();
            Assert.All(load.Calls.Where(c => c.Began >= calm), static c => Assert.True(c.End.IsAnswered, $"{c}"));
        }
        finally
        {
            foreach (var agent in agents)
            {
                await agent.DisposeAsync();
            }
        }
    }

    // Each is told to stop once the next one is ready, and out of the balancer before, as Kubernetes does it.
    private static async Task<List<GatewayProcess>> RollAsync(TestCluster cluster, Balancer balancer, IReadOnlyList<GatewayProcess> before)
    {
        List<GatewayProcess> nodes = [.. before];
        foreach (var old in before)
        {
            nodes.Remove(old);
            balancer.Use(nodes);
            await old.SignalAsync("TERM");
            Assert.Equal(0, await old.ExitAsync());
            nodes.Add(await cluster.StartAsync());
            balancer.Use(nodes);
        }

        return nodes;
    }

    private static async Task<int> SessionsAsync(GatewayProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Rest };
        return (int)await http.MetricAsync("switchboard_sessions");
    }
}
