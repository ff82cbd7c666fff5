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
        for (int i = 0; i < RequestDispatch<Session>.MaxTries; i++)
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

    /// <summary>Of a pool each session is offered it; where one has only no room, that is the answer.</summary>
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

    /// <summary>What another front door holds is passed on, and not offered here.</summary>
    [Fact]
    public void A_session_elsewhere_is_passed_on_to()
    {
        _dispatch.Begin(TimeSpan.Zero);
        var step = Found(new RouteTo<Session>(Elsewhere, 9, null));
        Assert.Equal((DispatchAction.PassOn, Elsewhere), (step.Action, step.Target!.FrontDoor));
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
        Assert.True(AgentKey.TryCreate(null, "a", out AgentKey key, out _));
        return key;
    }

    private sealed class Session : IRouteTarget
    {
        public int InFlight => 0;

        public long ConnectNumber => 1;

        public bool HasEnded => true;
    }
}
