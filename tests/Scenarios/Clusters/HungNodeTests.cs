using Switchboard.Api.Startup;
using Switchboard.TestSupport.Servers;
using Xunit.Abstractions;

namespace Switchboard.Scenarios.Clusters;

/// <summary>Three nodes under load, of which one stands still (SIGSTOP) and wakes again.</summary>
[Collection(RunsAlone.Name)]
public sealed class HungNodeTests(ITestOutputHelper output)
{
    private const int Nodes = 3;

    // S4 of docs/invariants.md.
    private static readonly TimeSpan _recovered = TimeSpan.FromSeconds(ClusterSize.Profile == ClusterProfile.Fast ? 20 : 75);

    /// <summary>
    /// Nothing closes its connections, so its agents notice by themselves, of the SDK by its heartbeats and stock ones by keepalive, and
    /// the other silos by their probes. What is under way at the others goes on. When it wakes it was declared dead, and ends; nothing
    /// that it still had in hand is answered by two.
    /// </summary>
    [PostgreSqlFact]
    public async Task One_that_hangs_is_left_by_its_agents_and_ends_when_it_wakes()
    {
        await using var cluster = await TestCluster.NewAsync(profile: ClusterSize.Profile);
        var nodes = await cluster.StartAsync(Nodes);
        await using var balancer = new Balancer(nodes);
        await using var agents = ClusterAgents.OfBothKinds(ClusterSize.Agents, balancer);
        await agents.UntilConnectedAsync();
        await using var load = new ClusterLoad(nodes, agents.All);
        await load.UntilAllAreServedAsync(TimeSpan.Zero, _recovered);
        var report = new DeathReport(load, calm: load.Now, output);
        await load.UntilMoreAsync(300);
        // The first silo: the registry of front doors is in it, more often than not.
        var victim = nodes[0];
        var surviving = nodes[1..];
        using var held = await HeldCalls.BeginAsync(surviving, agents);
        var leaving = agents.At(victim);
        Assert.NotEmpty(leaving);

        await victim.SignalAsync("STOP");
        var at = load.Now;
        // As a balancer does whose probes fail. Agents look for another node only later.
        balancer.Use(surviving);
        await load.UntilAllAreServedAsync(at, _recovered);
        report.Say("one hangs", at);
        Assert.All(leaving, a => Assert.NotEqual(victim.Grpc.Port, a.Port));
        await held.AssertAnsweredAsync();

        await victim.SignalAsync("CONT");
        var exit = await victim.ExitAsync();
        output.WriteLine($"woken, it ended with {exit}");
        Assert.NotEqual(0, exit);
        await load.UntilMoreAsync(300);
        await load.StopAsync();
        report.SayEnds("in all");
        report.AssertTold(isLost: c => c.Node == victim);
    }
}
