using Switchboard.Abstractions;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Agents;

/// <summary>Activations that go: idle ones after a quarter of an hour (S1, nobody notices), those of agents that nobody knows at once.</summary>
public sealed class IdleTests
{
    [Fact]
    public async Task A_request_after_twenty_idle_minutes_is_routed()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var door = await cluster.DoorAsync();
        var agent = cluster.Agent("idle");
        await door.ConnectAsync(agent, 1);
        for (var minute = 0; minute < 20; minute++)
        {
            cluster.Time.Advance(TimeSpan.FromMinutes(1));
            await cluster.RenewAsync(door);
        }

        // The silo measures idleness by the machine's own clock, which no test turns: the activation is ended as its collector ends one.
        await GrainCluster.LoseAsync(agent);
        Assert.Equal(1UL, (await agent.RouteAsync())?.Session);
        Assert.Equal(2, cluster.Log.Count(EventIds.AgentActivated));
    }

    /// <summary>R5: who guesses ids fills no silo with activations.</summary>
    [Fact]
    public async Task Asking_for_an_agent_that_nobody_knows_leaves_no_activation()
    {
        await using var cluster = await GrainCluster.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(await cluster.Agent($"nobody-{i}").RouteAsync());
            Assert.False((await cluster.Agent($"no-status-{i}").GetStatus().DefaultTimeout()).Online);
        }

        await Eventually.TrueAsync(async () => await cluster.ActivationsAsync(Names.GrainTypes.Agent) == 0, "no activation to be left");
    }

    /// <summary>R5: many callers of one made-up id are all told that nobody is there; none is rejected by an activation on its way out.</summary>
    [Fact]
    public async Task Many_at_once_who_ask_for_nobody_all_get_a_response()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.Agent("nobody");
        var routes = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => agent.Route())).DefaultTimeout();
        Assert.All(routes, route => Assert.Empty(route.Targets));
        await Eventually.TrueAsync(async () => await cluster.ActivationsAsync(Names.GrainTypes.Agent) == 0, "no activation to be left");
    }

    /// <summary>One that has had a session stays: it remembers what is over.</summary>
    [Fact]
    public async Task An_agent_that_went_away_is_remembered()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var door = await cluster.DoorAsync();
        var agent = cluster.Agent("gone");
        await door.ConnectAsync(agent, 1);
        await agent.Disconnect(1).DefaultTimeout();
        Assert.Null(await agent.RouteAsync());
        Assert.Equal(1, await cluster.ActivationsAsync(Names.GrainTypes.Agent));
    }
}
