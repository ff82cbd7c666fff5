using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

public sealed class RequestDispatchTests
{
    private const ushort Here = 1;
    private const ushort Elsewhere = 2;
    private static readonly AgentKey _agent = Key();
    private static readonly TakeResult _taken = new(TakeOutcome.Taken);
    private static readonly TakeResult _notThere = new(TakeOutcome.NotThere);
    private readonly RouteCache<Session> _cache = new(10);
    private readonly RequestDispatch<Session> _dispatch;
    private ulong _sessions;

    public RequestDispatchTests() => _dispatch = new RequestDispatch<Session>(_agent, Here, _cache);

    /// <summary>R4: sessions that end one after another do not keep a request for ever.</summary>
    [Fact]
    public void A_request_is_offered_three_times()
    {
        var step = _dispatch.Begin(TimeSpan.Zero);
        for (var i = 0; i < RequestDispatch<Session>.MaxTries; i++)
        {
            Assert.Equal(DispatchAction.AskGrain, step.Action);
            step = Found(Local());
            Assert.Equal(DispatchAction.Offer, step.Action);
            step = _dispatch.Offered(step.Target!, _notThere, TimeSpan.Zero);
        }
        Assert.Equal((DispatchAction.End, Verdict.AgentOffline), (step.Action, step.Verdict));
    }

    /// <summary>A session that has the request and ends before it sends it is named when the grain is asked again.</summary>
    [Fact]
    public void A_session_that_gave_it_back_is_not_asked_again()
    {
        Assert.Equal(DispatchAction.AskGrain, _dispatch.Begin(TimeSpan.Zero).Action);
        var step = Found(Local());
        Assert.Equal(DispatchAction.Taken, _dispatch.Offered(step.Target!, _taken, TimeSpan.Zero).Action);
        Assert.Equal(DispatchAction.AskGrain, _dispatch.Begin(TimeSpan.Zero).Action);
        Assert.Equal(_sessions, _dispatch.RefusedSession);
        Assert.Null(_cache.Find(_agent));
    }

    /// <summary>Of a pool each session is offered it; where one has only no room, that is the result.</summary>
    [Fact]
    public void A_pool_without_room_is_overloaded()
    {
        _dispatch.Begin(TimeSpan.Zero);
        var step = _dispatch.Routed([Local(), Local()], pool: true, waits: false, hasPlace: false, stopping: false, TimeSpan.Zero);
        var full = new TakeResult(TakeOutcome.Overloaded, SessionLimit.InFlight, 7);
        step = _dispatch.Offered(step.Target!, full, TimeSpan.Zero);
        Assert.Equal(DispatchAction.Offer, step.Action);
        step = _dispatch.Offered(step.Target!, _notThere, TimeSpan.Zero);
        Assert.Equal((DispatchAction.End, Verdict.Overloaded, full), (step.Action, step.Verdict, step.Refusal));
    }

    /// <summary>Whoever takes its place among those who wait asks once more: the agent may have come in between.</summary>
    [Fact]
    public void One_that_waits_asks_again_once_it_has_its_place()
    {
        _dispatch.Begin(TimeSpan.Zero);
        Assert.Equal(DispatchAction.EnterWait, Nobody(waits: true, hasPlace: false).Action);
        Assert.Equal(DispatchAction.AskGrain, _dispatch.Entered(stopping: false, TimeSpan.Zero).Action);
        Assert.Equal(DispatchAction.Wait, Nobody(waits: true, hasPlace: true).Action);
        Assert.Equal(DispatchAction.AskGrain, _dispatch.Begin(TimeSpan.Zero).Action);
        var step = Nobody(waits: false, hasPlace: true);
        Assert.Equal((DispatchAction.End, Verdict.AgentOffline), (step.Action, step.Verdict));
    }

    /// <summary>What another front door holds is handed over to it, and not offered here.</summary>
    [Fact]
    public void A_session_elsewhere_is_handed_over_to()
    {
        _dispatch.Begin(TimeSpan.Zero);
        var step = Found(new RouteTo<Session>(Elsewhere, 9, null));
        Assert.Equal((DispatchAction.HandOver, Elsewhere), (step.Action, step.Target!.FrontDoor));
    }

    /// <summary>A front door that does not hold the session says so, and the grain is told.</summary>
    [Fact]
    public void A_session_that_is_not_there_any_more_is_named_to_the_grain()
    {
        _dispatch.Begin(TimeSpan.Zero);
        Found(new RouteTo<Session>(Elsewhere, 9, null));
        _dispatch.CameBack(9, Verdict.AgentOffline, "no such session");
        Assert.Equal(DispatchAction.AskGrain, _dispatch.Begin(TimeSpan.Zero).Action);
        Assert.Equal(9ul, _dispatch.RefusedSession);
        Assert.Equal((DispatchAction.HandOver, 10ul), (Found(new RouteTo<Session>(Elsewhere, 10, null)) is var step ? step.Action : default, step.Target!.SessionId));
    }

    /// <summary>
    /// A front door that cannot be reached may hold the session all the same: the grain is asked, and not told that it is gone. Told, it
    /// would call the agent offline for everybody.
    /// </summary>
    [Theory]
    [InlineData(Verdict.Unavailable)]
    [InlineData(Verdict.Draining)]
    public void A_session_whose_front_door_cannot_take_it_is_asked_for_once_more(Verdict reason)
    {
        _dispatch.Begin(TimeSpan.Zero);
        Found(new RouteTo<Session>(Elsewhere, 9, null));
        _dispatch.CameBack(9, reason, "why");
        Assert.Equal(DispatchAction.AskGrain, _dispatch.Begin(TimeSpan.Zero).Action);
        Assert.Equal(0ul, _dispatch.RefusedSession);
        var step = Found(new RouteTo<Session>(Elsewhere, 9, null));
        Assert.Equal((DispatchAction.End, reason, "why"), (step.Action, step.Verdict, step.Detail));
    }

    /// <summary>Meanwhile the agent may have connected elsewhere: then it goes there.</summary>
    [Fact]
    public void A_session_that_came_meanwhile_is_taken_instead()
    {
        _dispatch.Begin(TimeSpan.Zero);
        Found(new RouteTo<Session>(Elsewhere, 9, null));
        _dispatch.CameBack(9, Verdict.Unavailable, "why");
        _dispatch.Begin(TimeSpan.Zero);
        Assert.Equal(DispatchAction.Offer, Found(Local()).Action);
    }

    /// <summary>Of a pool the others are tried before the grain is asked again; where all are passed over, the last says why.</summary>
    [Fact]
    public void A_pool_is_tried_to_its_end()
    {
        _dispatch.Begin(TimeSpan.Zero);
        RouteTo<Session>[] pool = [new(Elsewhere, 8, null), new(Elsewhere, 9, null)];
        var first = _dispatch.Routed(pool, pool: true, waits: false, hasPlace: false, stopping: false, TimeSpan.Zero).Target!.SessionId;
        _dispatch.CameBack(first, Verdict.Overloaded, "first");
        var second = _dispatch.Begin(TimeSpan.Zero).Target!.SessionId;
        Assert.Equal(17ul, first + second);
        _dispatch.CameBack(second, Verdict.Overloaded, "second");
        Assert.Equal(DispatchAction.AskGrain, _dispatch.Begin(TimeSpan.Zero).Action);
        var step = _dispatch.Routed(pool, pool: true, waits: false, hasPlace: false, stopping: false, TimeSpan.Zero);
        Assert.Equal((DispatchAction.End, Verdict.Overloaded, "second"), (step.Action, step.Verdict, step.Detail));
    }

    /// <summary>Of a front door that cannot be reached no other session is tried: those here serve.</summary>
    [Fact]
    public void A_pool_is_served_here_while_the_others_are_out_of_reach()
    {
        _dispatch.Begin(TimeSpan.Zero);
        RouteTo<Session>[] pool = [.. Enumerable.Range(2, 5).Select(i => new RouteTo<Session>((ushort)i, 100ul + (ulong)i, null)), Local()];
        var step = Pool();
        if (step.Action == DispatchAction.HandOver)
        {
            _dispatch.CameBack(step.Target!.SessionId, Verdict.Unavailable, "why");
            Assert.Equal(DispatchAction.AskGrain, _dispatch.Begin(TimeSpan.FromMinutes(1)).Action);
            step = Pool();
        }

        Assert.Equal((DispatchAction.Offer, Here), (step.Action, step.Target!.FrontDoor));

        DispatchStep<Session> Pool() => _dispatch.Routed(pool, pool: true, waits: false, hasPlace: false, stopping: false, TimeSpan.Zero);
    }

    /// <summary>Each front door of a pool gets its share, whichever a caller asks.</summary>
    [Fact]
    public void A_pool_of_two_front_doors_is_used_at_both()
    {
        var route = new AgentRoute<Session>([Local(), new(Elsewhere, 9, null)], until: null);
        Assert.Equal(2, Enumerable.Range(0, 4).Select(_ => route.Next(Here, null)!.FrontDoor).Distinct().Count());
    }

    /// <summary>Silence of a front door is not absence: the grain is asked again for a while, and then the cluster cannot be asked.</summary>
    [Fact]
    public void What_is_unknown_is_asked_again_for_five_seconds()
    {
        _dispatch.Begin(TimeSpan.Zero);
        Assert.Equal(DispatchAction.AskLater, _dispatch.Unknown(TimeSpan.FromSeconds(1)).Action);
        Assert.Equal(DispatchAction.AskLater, _dispatch.Unknown(TimeSpan.FromSeconds(5.9)).Action);
        var step = _dispatch.Unknown(TimeSpan.FromSeconds(6));
        Assert.Equal((DispatchAction.End, Verdict.Unavailable), (step.Action, step.Verdict));
    }

    [Fact]
    public void A_front_door_that_stops_says_so()
    {
        _dispatch.Begin(TimeSpan.Zero);
        var step = _dispatch.Routed([], pool: false, waits: false, hasPlace: false, stopping: true, TimeSpan.Zero);
        Assert.Equal((DispatchAction.End, Verdict.Draining), (step.Action, step.Verdict));
        Assert.Equal(Verdict.Draining, _dispatch.Entered(stopping: true, TimeSpan.Zero).Verdict);
    }

    private DispatchStep<Session> Found(RouteTo<Session> target) =>
        _dispatch.Routed([target], pool: false, waits: false, hasPlace: false, stopping: false, TimeSpan.Zero);

    private DispatchStep<Session> Nobody(bool waits, bool hasPlace) =>
        _dispatch.Routed([], pool: false, waits, hasPlace, stopping: false, TimeSpan.Zero);

    private RouteTo<Session> Local() => new(Here, ++_sessions, new Session());

    private static AgentKey Key()
    {
        Assert.True(AgentKey.TryCreate(null, "a", out var key, out _));
        return key;
    }

    private sealed class Session : IRouteTarget
    {
        public int InFlight => 0;

        public long ConnectNumber => 1;

        public bool HasEnded => true;
    }
}
