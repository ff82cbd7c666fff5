using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;
using Xunit.Abstractions;

namespace Switchboard.Scenarios.Clusters;

/// <summary>Three nodes under load, which are killed or replaced one after the other.</summary>
[Collection(RunsAlone.Name)]
public sealed class NodeDeathTests(ITestOutputHelper output)
{
    private const int Nodes = 3;

    // Within a second or two with the profile Fast, as the test's output says; on a machine that does other things beside, longer.
    private static readonly TimeSpan _recovered = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Each is killed in turn, and another started in its place. Each request ends once, in time, and with a verdict that the agents'
    /// journals bear out; what is under way at the other nodes goes on; and the agents of the dead one are soon served again.
    /// </summary>
    [PostgreSqlFact]
    public async Task Each_that_is_killed_takes_nothing_with_it()
    {
        await using var cluster = await TestCluster.NewAsync(profile: ClusterSize.Profile);
        List<GatewayProcess> nodes = [.. await cluster.StartAsync(Nodes)];
        await using var balancer = new Balancer(nodes);
        await using var agents = ClusterAgents.OfBothKinds(ClusterSize.Agents, balancer);
        await agents.UntilConnectedAsync();
        await using var load = new ClusterLoad(nodes, agents.All);
        await load.UntilAllAreServedAsync(TimeSpan.Zero, _recovered);
        var report = new DeathReport(load, calm: load.Now, output);
        HashSet<GatewayProcess> killed = [];
        for (var i = 0; i < Nodes; i++)
        {
            await load.UntilMoreAsync(300);
            var victim = nodes[i];
            var surviving = nodes.Where(n => n != victim).ToList();
            using var held = await HeldCalls.BeginAsync(surviving, agents);
            var staying = surviving.SelectMany(agents.At).ToHashSet();
            Assert.NotEmpty(staying);

            killed.Add(victim);
            var at = load.Now;
            await victim.SignalAsync("KILL");
            await load.UntilAllAreServedAsync(at, _recovered);
            report.Say($"node {i + 1} killed", at);
            await held.AssertAnsweredAsync();
            report.AssertUntouched(at, victim, staying);

            nodes[i] = await cluster.StartAsync();
            balancer.Use(nodes);
            load.CallAt(nodes[i]);
            await load.UntilAllAreServedAsync(load.Now, _recovered);
        }

        await load.StopAsync();
        report.SayEnds("in all");
        report.AssertTold(isLost: c => killed.Contains(c.Node));
    }

    /// <summary>
    /// Each is told to stop, as in a rolling upgrade, and another takes its place. Its agents, which are of the SDK, connect elsewhere before
    /// they leave it; its callers call elsewhere when it says that it stops, which it does before anything was sent. No request fails.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_rolling_restart_fails_no_request()
    {
        await using var cluster = await TestCluster.NewAsync(profile: ClusterSize.Profile);
        List<GatewayProcess> nodes = [.. await cluster.StartAsync(Nodes)];
        await using var balancer = new Balancer(nodes);
        await using var agents = ClusterAgents.OfSdk(ClusterSize.Agents, balancer);
        await agents.UntilConnectedAsync();
        await using var load = new ClusterLoad(nodes, agents.All);
        await load.UntilAllAreServedAsync(TimeSpan.Zero, _recovered);
        var calm = load.Now;
        var report = new DeathReport(load, calm, output);
        for (var i = 0; i < Nodes; i++)
        {
            await load.UntilMoreAsync(300);
            var leaving = nodes[i];
            var staying = nodes.Where(n => n != leaving).ToList();
            balancer.Use(staying);
            load.MoveTo(staying);
            var at = load.Now;
            await leaving.SignalAsync("TERM");
            Assert.Equal(0, await leaving.ExitAsync());
            await load.UntilAllAreServedAsync(at, _recovered);
            report.Say($"node {i + 1} stopped", at);

            nodes[i] = await cluster.StartAsync();
            balancer.Use(nodes);
            await load.UntilAllAreServedAsync(load.Now, _recovered);
        }

        await load.StopAsync();
        report.SayEnds("in all");
        report.AssertTold(isLost: static _ => false);
        Assert.All(load.Calls.Where(c => c.Began >= calm), static c => Assert.True(c.End.IsAnswered, $"{c}"));
        Assert.Contains(load.Calls, static c => c.Moves > 0);
    }
}
