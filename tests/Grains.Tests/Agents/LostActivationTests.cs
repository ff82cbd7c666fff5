using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Agents;

/// <summary>S1: the loss of the agent grain's activation, at any moment, changes nothing.</summary>
public sealed class LostActivationTests : IAsyncLifetime
{
    private GrainCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>Every order of the six events in which s2 connects after s1 ends at s2.</summary>
    [Fact]
    public async Task All_orders_end_at_the_newer_session()
    {
        var (one, two) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        var orders = Permutations(Enum.GetValues<Event>())
            .Where(o => Array.IndexOf(o, Event.Connect1) < Array.IndexOf(o, Event.Connect2)).ToList();
        Assert.Equal(360, orders.Count);
        foreach (var chunk in orders.Chunk(30))
        {
            await Task.WhenAll(chunk.Select(order => PlayAsync(order, one, two)));
        }
    }

    /// <summary>A hundred calls at once, right after the activation was lost: each of them is routed.</summary>
    [Fact]
    public async Task Routes_are_found_after_a_loss()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("lost");
        await door.ConnectAsync(agent, 1);
        await GrainCluster.LoseAsync(agent);
        var routes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => agent.RouteAsync())).DefaultTimeout();
        Assert.All(routes, r => Assert.Equal(1UL, r?.Session));
    }

    /// <summary>Two front doors hold a session each (the displaced one was not told yet): the newer is taken, the other is told.</summary>
    [Fact]
    public async Task Of_two_sessions_found_the_newer_is_taken()
    {
        var (one, two) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        one.Hold("default/found", 1, 1001);
        one.Hold("default/found", 3, 1000, retiring: true);
        one.Hold("default/found", 4, 0);
        two.Hold("default/found", 2, 1002);
        var status = await _cluster.Agent("found").GetStatus().DefaultTimeout();
        Assert.Equal([3UL, 2UL], status.Sessions.Select(s => s.Session));
        Assert.Equal(2UL, (await _cluster.Agent("found").RouteAsync())?.Session);
        Assert.Equal(1UL, (await one.Ended.ReadAsync().DefaultTimeout()).Session);
        Assert.True(await two.ConnectAsync(_cluster.Agent("found"), 5) > 1002);
    }

    /// <summary>A front door that does not say what it holds is left out after a second; the others count.</summary>
    [Fact]
    public async Task A_deaf_front_door_is_left_out()
    {
        var (deaf, door) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        door.Hold("default/deaf", 1, 1000);
        var never = new TaskCompletionSource();
        deaf.Gate = never.Task;
        var route = _cluster.Agent("deaf").RouteAsync();
        await deaf.AskedWhatItHolds.ReadAsync().DefaultTimeout();
        await door.AskedWhatItHolds.ReadAsync().DefaultTimeout();
        Assert.False(route.IsCompleted);
        // Slowly, so that the reply of the other has time to arrive.
        await Eventually.AdvanceUntilAsync(_cluster.Time, route, TimeSpan.FromMilliseconds(5));
        Assert.Equal(1UL, (await route)?.Session);
        Assert.Equal(1, _cluster.Log.Count(EventIds.AgentFrontDoorUnanswered));
        never.SetResult();
    }

    /// <summary>
    /// Silence is not absence: while a front door has not said what it holds, nobody-found is said to be unknown. Its reply, which comes
    /// late, is taken.
    /// </summary>
    [Fact]
    public async Task A_deaf_front_door_may_hold_the_agent()
    {
        var deaf = await _cluster.DoorAsync();
        deaf.Hold("default/unknown", 1, 1000);
        var never = new TaskCompletionSource();
        deaf.Gate = never.Task;
        var agent = _cluster.Agent("unknown");
        var asked = agent.Route();
        await deaf.AskedWhatItHolds.ReadAsync().DefaultTimeout();
        await Eventually.AdvanceUntilAsync(_cluster.Time, asked, TimeSpan.FromMilliseconds(5));
        Assert.True((await asked).Unknown);
        deaf.Gate = Task.CompletedTask;
        never.SetResult();
        await Eventually.TrueAsync(
            async () =>
            {
                _cluster.Time.Advance(TimeSpan.FromMilliseconds(100));
                return (await agent.Route()).Targets.Count == 1;
            },
            "the late answer to be taken");
        Assert.False((await agent.Route()).Unknown);
    }

    /// <summary>A front door that has been heard holds nobody: the agent is not there, and that is known.</summary>
    [Fact]
    public async Task Nobody_found_by_all_is_known()
    {
        await _cluster.DoorAsync();
        var route = await _cluster.Agent("absent").Route().DefaultTimeout();
        Assert.Equal((0, false), (route.Targets.Count, route.Unknown));
    }

    /// <summary>A front door whose callers wait is told of a connect at another one, once.</summary>
    [Fact]
    public async Task Who_watches_is_told_of_the_connect()
    {
        var (one, two) = (await _cluster.DoorAsync(), await _cluster.DoorAsync());
        var agent = _cluster.Agent("watched");
        await agent.Watch(two.Number, two.Reference);
        await one.ConnectAsync(agent, 1);
        await Eventually.TrueAsync(() => two.AgentsConnected.Count == 1, "the watcher to be told");
        await two.ConnectAsync(agent, 2);
        await one.Ended.ReadAsync().DefaultTimeout();
        Assert.Equal(["default/watched"], two.AgentsConnected);
        Assert.Empty(one.AgentsConnected);
    }

    /// <summary>A grain that goes away in good order asks its front doors to announce again.</summary>
    [Fact]
    public async Task A_grain_that_goes_asks_for_announcements()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("goes");
        await door.ConnectAsync(agent, 1);
        await GrainCluster.LoseAsync(agent);
        Assert.Equal("default/goes", await door.AskedToAnnounce.ReadAsync().DefaultTimeout());
    }

    private async Task PlayAsync(Event[] order, FakeFrontDoor one, FakeFrontDoor two)
    {
        var agent = _cluster.Agent("order-" + string.Join("-", order.Select(e => (int)e)));
        var key = agent.GetPrimaryKeyString();
        var (number1, number2) = (0L, 0L);
        foreach (var step in order)
        {
            switch (step)
            {
                case Event.Connect1:
                    number1 = await one.ConnectAsync(agent, 1);
                    break;
                case Event.Connect2:
                    number2 = await two.ConnectAsync(agent, 2);
                    break;
                case Event.Announce1:
                    await agent.Announce(Announcement(one, 1, number1)).DefaultTimeout();
                    break;
                case Event.Announce2:
                    await agent.Announce(Announcement(two, 2, number2)).DefaultTimeout();
                    break;
                case Event.Disconnect1:
                    one.Drop(key, 1);
                    await agent.Disconnect(1).DefaultTimeout();
                    break;
                default:
                    await GrainCluster.LoseAsync(agent);
                    break;
            }
        }

        var route = await agent.RouteAsync();
        Assert.True(route is { Session: 2 } && route.FrontDoor == two.Number, $"{string.Join(", ", order)} ended at {route}");
    }

    // With number 0 where its connect has no reply yet: nothing is kept of it.
    private static SessionAnnouncement Announcement(FakeFrontDoor door, ulong session, long number) =>
        new() { Session = session, FrontDoor = door.Number, Observer = door.Reference, ConnectNumber = number };

    private static IEnumerable<Event[]> Permutations(Event[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (Event[])[item, .. rest]));

    private enum Event
    {
        Connect1,
        Connect2,
        Announce1,
        Announce2,
        Disconnect1,
        ActivationLost,
    }
}
