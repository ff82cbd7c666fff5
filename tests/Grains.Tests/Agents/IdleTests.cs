using Switchboard.Abstractions;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Agents;

/// <summary>S1: idle grains are collected after a quarter of an hour; nobody notices.</summary>
public sealed class IdleTests
{
    [Fact]
    public async Task A_request_after_twenty_idle_minutes_is_routed()
    {
        var time = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(time);
        var door = await cluster.DoorAsync();
        var agent = cluster.Agent("idle");
        await door.ConnectAsync(agent, 1);
        for (var minute = 0; minute < 20; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await cluster.RenewAsync(door);
        }

        // The real silo measures idleness by the machine's own clock, which nobody can turn: it is told that the time has come.
        await cluster.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero).DefaultTimeout();
        Assert.Equal(1UL, (await agent.Route(0).DefaultTimeout()).Session);
        Assert.Equal(2, cluster.Log.Count(EventIds.AgentActivated));
    }
}
