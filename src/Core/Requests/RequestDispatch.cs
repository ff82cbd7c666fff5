using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <summary>Specifies what the caller's side does next to have a request sent.</summary>
public enum DispatchAction
{
    /// <summary>Ask the agent's grain for its sessions, and pass them to <see cref="RequestDispatch{TSession}.Routed"/>.</summary>
    AskGrain,

    /// <summary>Ask the agent's grain again after a pause: it does not know yet.</summary>
    AskLater,

    /// <summary>Offer it to the step's target, and pass the outcome to <see cref="RequestDispatch{TSession}.Offered"/>.</summary>
    Offer,

    /// <summary>Add it to those that wait for the agent, and go on with <see cref="RequestDispatch{TSession}.Entered"/>.</summary>
    EnterWait,

    /// <summary>It waits and the agent is still offline: wait to be woken, then begin again.</summary>
    Wait,

    /// <summary>A session has it: it stops waiting, if it did.</summary>
    Taken,

    /// <summary>
    /// Another front door holds the session of the step's target: hand it over to that one. If it returns unsent, pass the
    /// reason to <see cref="RequestDispatch{TSession}.CameBack"/>, and begin again.
    /// </summary>
    HandOver,

    /// <summary>End it with the step's verdict.</summary>
    End,
}

/// <summary>Represents what the caller's side does next.</summary>
/// <param name="Action">The action.</param>
/// <typeparam name="TSession">The type of a session of this front door.</typeparam>
public readonly record struct DispatchStep<TSession>(DispatchAction Action)
    where TSession : class, IRouteTarget
{
    /// <summary>The session to offer it to, with <see cref="DispatchAction.Offer"/> and <see cref="DispatchAction.HandOver"/>.</summary>
    public RouteTo<TSession>? Target { get; init; }

    /// <summary>The verdict, with <see cref="DispatchAction.End"/>.</summary>
    public Verdict Verdict { get; init; }

    /// <summary>Why, for display; null with <see cref="Verdict.Overloaded"/>, which is described by the limit.</summary>
    public string? Detail { get; init; }

    /// <summary>The limit that refused it, with <see cref="Verdict.Overloaded"/>.</summary>
    public TakeResult Refusal { get; init; }
}

/// <summary>
/// Decides how one request gets to a session: routes are looked up, sessions are offered it one after another, and if there is none its
/// caller may wait. Called by the caller's side only.
/// </summary>
/// <param name="agent">The agent.</param>
/// <param name="frontDoor">This front door.</param>
/// <param name="routes">The cached routes.</param>
/// <typeparam name="TSession">The type of a session of this front door.</typeparam>
public sealed class RequestDispatch<TSession>(AgentKey agent, ushort frontDoor, RouteCache<TSession> routes)
    where TSession : class, IRouteTarget
{
    /// <summary>
    /// The maximum number of offers: a request that a session refused, or that returned unsent, is offered to others at most twice more.
    /// </summary>
    public const int MaxTries = 3;

    /// <summary>The maximum time for which a grain that does not know yet is asked.</summary>
    public static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(5);

    private readonly List<ulong> _refusedByRoute = [];
    private AgentRoute<TSession>? _route;
    private TakeResult? _refusal;
    private int _tries;
    private TimeSpan? _unknownSince;

    // Sessions whose front doors could not take it, though they may exist; and the reason that the last of those gave.
    private List<ulong>? _passedOver;
    private (Verdict Verdict, string Detail) _cameBack;

    /// <summary>
    /// The last session that turned out to have ended, or that has the request; 0: none. It is passed to the grain with the next call.
    /// </summary>
    public ulong RefusedSession { get; private set; }

    /// <summary>Begins, or begins again with a request that returned unsent or was woken. Not for one that has ended.</summary>
    public DispatchStep<TSession> Begin(TimeSpan now)
    {
        if (_tries++ == MaxTries)
        {
            return _passedOver is null
                ? End(Verdict.AgentOffline, "the agent's sessions ended one after another before it could be sent")
                : End(_cameBack.Verdict, _cameBack.Detail);
        }

        if (routes.Usable(agent, RefusedSession, now) is { } route && Next(route, _passedOver) is not null)
        {
            return OfferTo(route);
        }

        if (RefusedSession != 0)
        {
            routes.Forget(agent, RefusedSession);
        }

        return new DispatchStep<TSession>(DispatchAction.AskGrain);
    }

    /// <summary>Takes the reply of the agent's grain.</summary>
    /// <param name="targets">The sessions that it named.</param>
    /// <param name="pool">Whether they are a pool.</param>
    /// <param name="waits">Whether the caller still waits for an agent that is offline.</param>
    /// <param name="hasPlace">Whether it is among those that wait for the agent.</param>
    /// <param name="stopping">Whether this process stops.</param>
    /// <param name="now">The time.</param>
    public DispatchStep<TSession> Routed(
        IReadOnlyList<RouteTo<TSession>> targets, bool pool, bool waits, bool hasPlace, bool stopping, TimeSpan now)
    {
        if (routes.Learn(agent, targets, pool, frontDoor, now) is { } route)
        {
            return OfferTo(route);
        }
        // While this process stops its agents connect elsewhere, and so should the caller: the agent is not offline.
        if (!waits)
        {
            return stopping
                ? End(Verdict.Draining, "the gateway is stopping, and the agent is not here any more")
                : End(Verdict.AgentOffline, "No agent subscribed for this id");
        }
        // After a wait the tries count anew.
        (_tries, _passedOver) = (0, null);
        return new DispatchStep<TSession>(hasPlace ? DispatchAction.Wait : DispatchAction.EnterWait);
    }

    /// <summary>
    /// Takes the reply of the agent's grain that it knows no session, and that a front door has not reported its sessions yet, so that the
    /// agent may be connected there: the grain is asked again for some time, and then the request ends as unavailable.
    /// </summary>
    public DispatchStep<TSession> Unknown(TimeSpan now)
    {
        _unknownSince ??= now;
        return now - _unknownSince < UnknownFor
            ? new DispatchStep<TSession>(DispatchAction.AskLater)
            : End(Verdict.Unavailable, "a front door has not said whether the agent is connected to it");
    }

    /// <summary>
    /// Notes that it was added to those that wait. The agent is looked up once more. Without that: the route is empty; the agent connects
    /// and wakes those that wait; this request is added, and waits although the agent is there.
    /// </summary>
    /// <param name="stopping">Whether this process stops: the notification of those that wait may have come before it was added.</param>
    /// <param name="now">The time.</param>
    public DispatchStep<TSession> Entered(bool stopping, TimeSpan now) =>
        stopping ? End(Verdict.Draining, "the gateway is stopping") : Begin(now);

    /// <summary>Takes the outcome of offering the request to the step's target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="result">The outcome.</param>
    /// <param name="now">The time.</param>
    public DispatchStep<TSession> Offered(RouteTo<TSession> target, TakeResult result, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(target);
        // The grain is told of a session that has ended when it is asked again; one that drains and has a successor still exists.
        if (result.Outcome == TakeOutcome.Taken || target.Local is null or { HasEnded: true })
        {
            RefusedSession = target.SessionId;
        }

        if (result.Outcome == TakeOutcome.Taken)
        {
            return new DispatchStep<TSession>(DispatchAction.Taken);
        }

        if (result.Outcome == TakeOutcome.NotThere)
        {
            routes.Forget(agent, target.SessionId);
        }

        if (result.Outcome == TakeOutcome.Overloaded || _refusal is null)
        {
            _refusal = result;
        }

        _refusedByRoute.Add(target.SessionId);
        return Next(_route!, _refusedByRoute) is { } next ? OfferTo(next) : AllRefused(now);
    }

    /// <summary>
    /// The front door that it was handed to gave it back unsent. Said before the caller's side is woken, which then begins again.
    /// </summary>
    /// <param name="session">The session of the step's target.</param>
    /// <param name="reason">
    /// <see cref="Verdict.AgentOffline"/>: that front door does not hold the session, and the grain is told. Otherwise how the request
    /// ends if nobody else takes it; the session may be there, and the grain is only asked.
    /// </param>
    /// <param name="detail">Why, for people.</param>
    public void CameBack(ulong session, Verdict reason, string detail)
    {
        routes.Forget(agent, session);
        RefusedSession = reason == Verdict.AgentOffline ? session : 0;
        if (reason == Verdict.AgentOffline)
        {
            return;
        }

        _cameBack = (reason, detail);
        _passedOver ??= [];
        _passedOver.Add(session);
        if (reason != Verdict.Overloaded && _route?.Targets.FirstOrDefault(target => target.SessionId == session) is { } tried)
        {
            // The front door cannot take it, whichever of its sessions it is for.
            _passedOver.AddRange(_route.Targets.Where(target => target.FrontDoor == tried.FrontDoor).Select(static target => target.SessionId));
        }
    }

    private RouteTo<TSession>? Next(AgentRoute<TSession> route, IReadOnlyCollection<ulong>? tried) =>
        route.Next(frontDoor, tried, stayHere: _passedOver is not null);

    private DispatchStep<TSession> OfferTo(AgentRoute<TSession> route)
    {
        (_route, _refusal) = (route, null);
        _refusedByRoute.Clear();
        if (_passedOver is { } passedOver)
        {
            _refusedByRoute.AddRange(passedOver);
        }

        return Next(route, _passedOver) is { } target ? OfferTo(target) : End(_cameBack.Verdict, _cameBack.Detail);
    }

    private DispatchStep<TSession> OfferTo(RouteTo<TSession> target) =>
        new(target.FrontDoor == frontDoor ? DispatchAction.Offer : DispatchAction.HandOver) { Target = target };

    // The sessions of this front door were offered it one after another. Where one is only full, those elsewhere are not tried.
    private DispatchStep<TSession> AllRefused(TimeSpan now) => _refusal is { Outcome: TakeOutcome.Overloaded } refusal
        ? new DispatchStep<TSession>(DispatchAction.End) { Verdict = Verdict.Overloaded, Refusal = refusal }
        : Begin(now);

    private static DispatchStep<TSession> End(Verdict verdict, string detail) =>
        new(DispatchAction.End) { Verdict = verdict, Detail = detail };
}
