using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

public sealed class RouteCacheTests
{
    private const ushort Here = 1;
    private const ushort Elsewhere = 2;
    private static readonly AgentKey _agent = Key("hot");

    /// <summary>What was asked of a route cache is kept; what nobody asks for makes room.</summary>
    [Fact]
    public void The_route_cache_is_bounded()
    {
        var cache = new RouteCache<Session>(10);
        cache.Remember(_agent, new AgentRoute<Session>(Here, 1, null));
        for (var i = 0; i < 100; i++)
        {
            cache.Remember(Key($"a{i}"), new AgentRoute<Session>(Here, 2, null));
            Assert.NotNull(cache.Find(_agent));
        }
        Assert.InRange(Enumerable.Range(0, 100).Count(i => cache.Find(Key($"a{i}")) is not null), 1, 10);
        cache.Forget(_agent, session: 7);
        Assert.NotNull(cache.Find(_agent));
        cache.Forget(_agent, session: 1);
        Assert.Null(cache.Find(_agent));
    }

    /// <summary>The rotation: of sessions with nothing in flight none is always the first.</summary>
    [Fact]
    public void Ties_go_round()
    {
        var route = new AgentRoute<Session>(
            [.. Enumerable.Range(1, 3).Select(i => new RouteTo<Session>(Here, (ulong)i, null))], until: null);
        var picks = Enumerable.Range(0, 8).Select(_ => route.Next(Here, tried: null)!.SessionId).ToList();
        Assert.Equal([1UL, 2UL, 3UL], picks.Distinct().Order());
        Assert.Equal(3UL, route.Next(Here, [1, 2])!.SessionId);
        Assert.Null(route.Next(Here, [1, 2, 3]));
        Assert.Null(route.Without(1)!.Without(2)!.Without(3));
    }

    /// <summary>S1: the grain is asked, the agent connects here, and only then the reply of before comes: it changes nothing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_reply_of_before_a_connect_does_not_replace_the_session(bool somebodyWasThere)
    {
        var cache = new RouteCache<Session>(10);
        cache.Connected(_agent, Here, 2, new Session(), pool: false);
        RouteTo<Session>[] before = somebodyWasThere ? [new RouteTo<Session>(Elsewhere, 1, null)] : [];
        Assert.Equal(2UL, cache.Learn(_agent, before, pool: false, Here, TimeSpan.Zero)?.Targets[0].SessionId);
        Assert.Equal(2UL, cache.Usable(_agent, refused: 0, TimeSpan.Zero)?.Targets[0].SessionId);
    }

    /// <summary>S1: the replies to two connects overtake each other, and requests go to the newer session all the same.</summary>
    [Fact]
    public void The_reply_to_an_older_connect_does_not_replace_the_newer_session()
    {
        var cache = new RouteCache<Session>(10);
        cache.Connected(_agent, Here, 2, new Session { ConnectNumber = 200 }, pool: false);
        cache.Connected(_agent, Here, 1, new Session { ConnectNumber = 100 }, pool: false);
        Assert.Equal(2UL, cache.Find(_agent)?.Targets[0].SessionId);
    }

    /// <summary>S1: a route that another has replaced is gone, and does not come back once that other is forgotten.</summary>
    [Fact]
    public void A_replaced_route_does_not_come_back()
    {
        var cache = new RouteCache<Session>(4);
        cache.Learn(_agent, [new RouteTo<Session>(Elsewhere, 1, null)], pool: false, Here, TimeSpan.Zero);
        // The young half is full by that, and becomes the old one.
        cache.Remember(Key("other"), new AgentRoute<Session>(Here, 7, null));
        cache.Remember(_agent, new AgentRoute<Session>(Here, 2, new Session()));
        cache.Forget(_agent, session: 2);
        Assert.Null(cache.Usable(_agent, refused: 0, TimeSpan.Zero));
    }

    /// <summary>A session elsewhere may end without anybody here hearing of it.</summary>
    [Fact]
    public void A_route_elsewhere_is_remembered_for_five_seconds()
    {
        var cache = new RouteCache<Session>(10);
        cache.Learn(_agent, [new RouteTo<Session>(Elsewhere, 1, null)], pool: false, Here, TimeSpan.Zero);
        Assert.NotNull(cache.Usable(_agent, refused: 0, TimeSpan.FromSeconds(4.9)));
        Assert.Null(cache.Usable(_agent, refused: 0, TimeSpan.FromSeconds(5)));
        cache.Learn(_agent, [new RouteTo<Session>(Here, 2, new Session())], pool: false, Here, TimeSpan.FromSeconds(5));
        Assert.NotNull(cache.Usable(_agent, refused: 0, TimeSpan.FromHours(1)));
    }

    private static AgentKey Key(string id)
    {
        Assert.True(AgentKey.TryCreate(null, id, out var key, out _));
        return key;
    }

    private sealed class Session : IRouteTarget
    {
        public int InFlight => 0;

        public long ConnectNumber { get; init; } = 1;

        public bool HasEnded => false;
    }
}
