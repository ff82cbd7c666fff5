using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Agents;

public sealed class AgentGrainTests : IAsyncLifetime
{
    private GrainCluster _cluster = null!;

    // Its tests displace far more often than two honest processes would.
    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync(
        settings: new Dictionary<string, string?> { ["Switchboard:Grains:DisplacementBurst"] = "1000000" });

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>W1: A up, B up, then A's disconnect arrives late; requests go to B. A thousand times, in that order.</summary>
    [Fact]
    public async Task A_late_disconnect_changes_nothing()
    {
        var (one, other) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        var agent = _cluster.Agent("late");
        for (var round = 1UL; round <= 1000; round++)
        {
            var (a, b) = (round * 2, (round * 2) + 1);
            await one.ConnectAsync(agent, a);
            await other.ConnectAsync(agent, b);
            await agent.Disconnect(a).DefaultTimeout();
            var route = await agent.RouteAsync();
            Assert.NotNull(route);
            Assert.Equal((b, other.Number, other.Reference), (route.Session, route.FrontDoor, route.Observer));
            await agent.Disconnect(b).DefaultTimeout();
            Assert.Null(await agent.RouteAsync());
        }
    }

    /// <summary>
    /// Numbers grow with every connect, over a lost activation too, and past the clock, which tells two activations apart.
    /// </summary>
    [Fact]
    public async Task Connect_numbers_grow()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("numbers");
        var last = 0L;
        for (var session = 1UL; session <= 50; session++)
        {
            var number = await door.ConnectAsync(agent, session);
            Assert.True(number > last && number > _cluster.Time.GetUtcNow().ToUnixTimeMilliseconds());
            last = number;
            if (session % 10 == 0)
            {
                await GrainCluster.LoseAsync(agent);
            }

            if (session % 20 == 0)
            {
                _cluster.Time.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    /// <summary>S2: the front door of a displaced session hears of it; the one that connects reads of its own in the reply.</summary>
    [Fact]
    public async Task The_displaced_are_told()
    {
        var (one, other) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        var agent = _cluster.Agent("displaced");
        await one.ConnectAsync(agent, 1);
        var second = await agent.Connect(one.Connecting("default/displaced", 2)).DefaultTimeout();
        Assert.Equal([1UL], second.Displaced);
        var third = await agent.Connect(other.Connecting("default/displaced", 3)).DefaultTimeout();
        Assert.Equal([2UL], third.Displaced);
        Assert.Equal(
            new SessionEnd { AgentKey = "default/displaced", Session = 2, Reason = SessionEndReason.Displaced },
            await one.Ended.ReadAsync().DefaultTimeout());
        Assert.False(one.Ended.TryRead(out _));
    }

    /// <summary>W2, R7: a front door that does not reply holds up no turn of the grain.</summary>
    [Fact]
    public async Task A_front_door_that_hangs_holds_up_nobody()
    {
        var (hanging, other) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        var agent = _cluster.Agent("hanging");
        await hanging.ConnectAsync(agent, 1);
        var never = new TaskCompletionSource();
        hanging.Gate = never.Task;
        var connect = other.ConnectAsync(agent, 2);
        await connect.DefaultTimeout();
        await hanging.Ended.ReadAsync().DefaultTimeout();
        Assert.Equal(2UL, (await agent.RouteAsync())?.Session);
        Assert.Equal(0, _cluster.Log.Count(EventIds.AgentObserverCallFailed));
        never.SetResult();
    }

    /// <summary>
    /// S2: a session that drains gets requests until its agent has another, and is not displaced by that one; its front door
    /// is told.
    /// </summary>
    [Fact]
    public async Task A_retiring_session_stays_and_gets_nothing_beside_another()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("retiring");
        var connected = await door.ConnectAsync(agent, 1);
        await agent.Retire(1).DefaultTimeout();
        Assert.Equal(1UL, (await agent.RouteAsync())?.Session);
        Assert.False(door.HaveSuccessors.TryRead(out _));
        var second = await agent.Connect(door.Connecting("default/retiring", 2)).DefaultTimeout();
        Assert.Empty(second.Displaced);
        Assert.Equal(2UL, (await agent.RouteAsync())?.Session);
        Assert.Equal([1UL, 2UL], (await agent.GetStatus().DefaultTimeout()).Sessions.Select(s => s.Session));
        Assert.Equal(1UL, await door.HaveSuccessors.ReadAsync().DefaultTimeout());
        // Again with its announcements: that notice may have been lost.
        await agent.Announce(door.Hold("default/retiring", 1, connected, retiring: true)).DefaultTimeout();
        Assert.Equal(1UL, await door.HaveSuccessors.ReadAsync().DefaultTimeout());
        await agent.Announce(door.Hold("default/retiring", 2, second.ConnectNumber)).DefaultTimeout();
        Assert.False(door.HaveSuccessors.TryRead(out _));
    }

    /// <summary>A session that its front door does not know is forgotten, and no other.</summary>
    [Fact]
    public async Task A_refused_session_is_forgotten()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("refused");
        await door.ConnectAsync(agent, 7);
        Assert.Equal(7UL, (await agent.RouteAsync(6))?.Session);
        Assert.Null(await agent.RouteAsync(7));
    }

    /// <summary>An older session's announcement is refused, so that its front door ends it; the current one's is not.</summary>
    [Fact]
    public async Task An_announcement_displaces_nobody()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("announce");
        var first = door.Hold("default/announce", 1, await door.ConnectAsync(agent, 1));
        var second = door.Hold("default/announce", 2, await door.ConnectAsync(agent, 2));
        Assert.Equal(SessionEndReason.Displaced, await agent.Announce(first).DefaultTimeout());
        Assert.Null(await agent.Announce(second).DefaultTimeout());
        Assert.Null(await agent.Announce(first with { Retiring = true, Session = 9 }).DefaultTimeout());
        Assert.Equal(2UL, (await agent.RouteAsync())?.Session);
    }

    /// <summary>
    /// A kick ends every session, wherever it is; an announcement that was under way does not bring one back, and gets as reply the
    /// kick, so that its front door does not call it displaced. A kick of nobody leaves no activation behind (R5).
    /// </summary>
    [Fact]
    public async Task A_kick_ends_every_session()
    {
        var (one, other) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        var agent = _cluster.Agent("kicked");
        await one.ConnectAsync(agent, 1);
        await agent.Retire(1).DefaultTimeout();
        var announced = other.Hold("default/kicked", 2, await other.ConnectAsync(agent, 2));

        Assert.Equal([1UL, 2UL], await agent.Kick().DefaultTimeout());
        Assert.Null(await agent.RouteAsync());
        Assert.Equal((1UL, SessionEndReason.Kicked), Told(await one.Ended.ReadAsync().DefaultTimeout()));
        Assert.Equal((2UL, SessionEndReason.Kicked), Told(await other.Ended.ReadAsync().DefaultTimeout()));
        Assert.Equal(SessionEndReason.Kicked, await agent.Announce(announced).DefaultTimeout());
        Assert.Empty((await agent.GetStatus().DefaultTimeout()).Sessions);

        await other.ConnectAsync(agent, 3);
        Assert.Equal(3UL, (await agent.RouteAsync())?.Session);
        Assert.Empty(await _cluster.Agent("nobody").Kick().DefaultTimeout());
    }

    private static (ulong, SessionEndReason) Told(SessionEnd end) => (end.Session, end.Reason);
}
