using System.Globalization;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;
using Xunit.Abstractions;

namespace Switchboard.Scenarios.Clusters;

/// <summary>Three nodes under load, of which one dies or is replaced.</summary>
[Collection(RunsAlone.Name)]
public sealed class NodeDeathTests(ITestOutputHelper output)
{
    private const int Nodes = 3;
    private const int Agents = 60;

    // Within a second or two, as the summary says; on a machine that does other things beside, longer.
    private static readonly TimeSpan _recovered = TimeSpan.FromSeconds(20);

    /// <summary>
    /// One is killed. Each request ends once, with a verdict that the agents' journals bear out; agents at the other nodes go on being
    /// served, those of the dead one are as soon as they have come back.
    /// </summary>
    [PostgreSqlFact]
    public async Task One_that_is_killed_takes_nothing_with_it()
    {
        await using var cluster = await TestCluster.NewAsync();
        var nodes = await cluster.StartAsync(Nodes);
        await using var balancer = new Balancer(nodes);
        await using var agents = new ClusterAgents(Agents, nodes, balancer);
        await using var load = new ClusterLoad(nodes, agents.All);
        await load.UntilAllAreServedAsync(TimeSpan.Zero, _recovered);
        var calm = load.Now;
        await load.UntilMoreAsync(500);
        var victim = nodes[^1];
        var atVictim = agents.All.Where(a => a.Port == victim.Grpc.Port).ToList();
        var atOthers = agents.All.Where(a => a.Port != 0 && a.Port != victim.Grpc.Port).ToList();
        Assert.Equal((Agents / 2 / Nodes, Agents / 2 - (Agents / 2 / Nodes)), (atVictim.Count, atOthers.Count));

        await victim.SignalAsync("KILL");
        var killed = load.Now;
        await load.UntilAllAreServedAsync(killed, _recovered);
        await load.UntilMoreAsync(500);
        await load.StopAsync();

        Say(load, "before", c => c.Ended < killed);
        Say(load, "after", c => c.Ended >= killed);
        Say(load, "after, agents that stayed", c => c.Ended >= killed && atOthers.Contains(c.Agent) && c.Node != victim);
        var served = agents.All.Select(a => load.Calls.Where(c => c.Agent == a && c.Began >= killed && c.End.IsAnswered).Min(static c => c.Ended) - killed).Order().ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"served again: half {served[served.Count / 2].TotalSeconds:f2} s, 99 % {served[(served.Count * 99) / 100].TotalSeconds:f2} s"));

        load.AssertTold();
        Assert.All(load.Calls.Where(c => c.Began >= calm && c.Ended < killed), static c => Assert.True(c.End.IsAnswered, $"{c}"));
        // Whoever called at a node that lives was told something, each time.
        Assert.All(load.Calls.Where(c => c.Node != victim), static c => Assert.True(c.End.Reason is not null, $"{c}"));
        // Agents that stayed where they were: what could not be routed was not sent.
        Assert.All(
            load.Calls.Where(c => c.Node != victim && atOthers.Contains(c.Agent) && c.Began >= calm && !c.End.IsAnswered),
            static c => Assert.True(c.End is { Reason: "unavailable", Sent: false }, $"{c}"));
    }

    /// <summary>
    /// One is told to stop, as in a rolling upgrade, and another takes its place. Its agents, which are of the SDK, connect elsewhere before
    /// they leave it: callers at the other nodes notice nothing.
    /// </summary>
    [PostgreSqlFact]
    public async Task One_that_is_replaced_fails_no_request()
    {
        await using var cluster = await TestCluster.NewAsync();
        var nodes = await cluster.StartAsync(Nodes);
        await using var balancer = new Balancer(nodes);
        await using var agents = new ClusterAgents(Agents / 2, [], balancer);
        var staying = nodes[..^1];
        await using var load = new ClusterLoad(staying, agents.All);
        await load.UntilAllAreServedAsync(TimeSpan.Zero, _recovered);
        var calm = load.Now;
        await load.UntilMoreAsync(200);

        var leaving = nodes[^1];
        // As a balancer does that asks whether a node is ready.
        balancer.Use(staying);
        await leaving.SignalAsync("TERM");
        Assert.Equal(0, await leaving.ExitAsync());
        Say(load, "at its end", static _ => true);
        var next = await cluster.StartAsync();
        balancer.Use([.. staying, next]);
        await load.UntilMoreAsync(500);
        await load.StopAsync();

        Say(load, "in all", static _ => true);
        load.AssertTold();
        Assert.All(load.Calls.Where(c => c.Began >= calm), static c => Assert.True(c.End.IsAnswered, $"{c}"));
    }

    private void Say(ClusterLoad load, string what, Func<LoadCall, bool> which) => output.WriteLine($"{what}: {load.Summary(which)}");

    /// <summary>Half of the SDK through the balancer, where there are nodes to name half stock clients, as many at each node.</summary>
    private sealed class ClusterAgents : IAsyncDisposable
    {
        public ClusterAgents(int count, IReadOnlyList<GatewayProcess> nodes, Balancer balancer)
        {
            var addresses = nodes.Select(static n => n.Grpc).ToList();
            All =
            [
                .. Enumerable.Range(0, count).Select(i => i % 2 == 0 || addresses.Count == 0
                    ? ClusterAgent.OfSdk($"sdk-{i}", balancer.Address)
                    : ClusterAgent.OfStockClient($"stock-{i}", addresses, home: i / 2)),
            ];
        }

        public IReadOnlyList<ClusterAgent> All { get; }

        public async ValueTask DisposeAsync()
        {
            foreach (var agent in All)
            {
                await agent.DisposeAsync();
            }
        }
    }
}
