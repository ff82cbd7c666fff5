using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <summary>What the caller's side does next to have a request sent.</summary>
public enum DispatchAction
{
    /// <summary>Ask the agent's grain where its sessions are, and say so with <see cref="RequestDispatch{TSession}.Routed"/>.</summary>
    AskGrain,

    /// <summary>Offer it to the step's target, and say what became of it with <see cref="RequestDispatch{TSession}.Offered"/>.</summary>
    Offer,

    /// <summary>Take a place among those who wait for the agent, and go on with <see cref="RequestDispatch{TSession}.Entered"/>.</summary>
    EnterWait,

    /// <summary>It has a place and the agent is still away: wait to be woken, then begin again.</summary>
    Wait,

    /// <summary>A session has it: it leaves the place where it waited, if it had one.</summary>
    Taken,

    /// <summary>Another front door holds the session of the step's target: hand it to that one.</summary>
    PassOn,

    /// <summary>End it with the step's verdict.</summary>
    End,
}

/// <summary>What the caller's side does next.</summary>
/// <param name="Action">What.</param>
/// <typeparam name="TSession">A session of this front door.</typeparam>
public readonly record struct DispatchStep<TSession>(DispatchAction Action)
    where TSession : class, IRouteTarget
{
    /// <summary>Whom to offer it to, with <see cref="DispatchAction.Offer"/>; who has it, with <see cref="DispatchAction.PassOn"/>.</summary>
    public RouteTo<TSession>? Target { get; init; }

    /// <summary>How it ends, with <see cref="DispatchAction.End"/>.</summary>
    public Verdict Verdict { get; init; }

    /// <summary>Why, for people; null with <see cref="Verdict.Overloaded"/>, where the limit says it.</summary>
    public string? Detail { get; init; }

    /// <summary>Which limit refused it, with <see cref="Verdict.Overloaded"/>.</summary>
    public TakeResult Refusal { get; init; }
}

/// <summary>
/// Decides how one request comes to a session: routes are looked up, sessions are offered it one after another, and where nobody is there
/// its caller may wait. Belongs to the caller's side, which alone calls it.
/// </summary>
/// <param name="agent">Whose request it is.</param>
/// <param name="frontDoor">This front door.</param>
/// <param name="routes">What is remembered of where agents are.</param>
/// <typeparam name="TSession">A session of this front door.</typeparam>
public sealed class RequestDispatch<TSession>(AgentKey agent, ushort frontDoor, RouteCache<TSession> routes)
    where TSession : class, IRouteTarget
{
    /// <summary>A request that a session refused, or that comes back unsent, is offered to another at most twice more.</summary>
    public const int MaxTries = 3;

    private readonly List<ulong> _refusedByRoute = [];
    private AgentRoute<TSession>? _route;
    private TakeResult? _refusal;
    private int _tries;

    /// <summary>The last session that turned out not to be there, or that has it; 0: none. The grain is told when it is asked.</summary>
    public ulong RefusedSession { get; private set; }

    /// <summary>Begins, or begins again with a request that came back unsent or was woken. Not for one that has ended.</summary>
    public DispatchStep<TSession> Begin(TimeSpan now)
    {
        if (_tries++ == MaxTries)
            return End(Verdict.AgentOffline, "the agent's sessions ended one after another before it could be sent");
        if (routes.Usable(agent, RefusedSession, now) is { } route)
            return OfferTo(route);
        if (RefusedSession != 0)
            routes.Forget(agent, RefusedSession);
        return new DispatchStep<TSession>(DispatchAction.AskGrain);
    }

    /// <summary>The agent's grain has answered.</summary>
    /// <param name="targets">The sessions that it named.</param>
    /// <param name="pool">Are they a pool?</param>
    /// <param name="waits">Does the caller still wait for an agent that is away?</param>
    /// <param name="hasPlace">Has it a place among those who wait for the agent?</param>
    /// <param name="stopping">Does this process stop?</param>
    /// <param name="now">The time.</param>
    public DispatchStep<TSession> Routed(
        IReadOnlyList<RouteTo<TSession>> targets, bool pool, bool waits, bool hasPlace, bool stopping, TimeSpan now)
    {
        if (routes.Learn(agent, targets, pool, frontDoor, now) is { } route)
            return OfferTo(route);
        // While this process stops its agents go elsewhere, and so should the caller: the agent is on its way, not off the line.
        if (!waits)
        {
            return stopping
                ? End(Verdict.Draining, "the gateway is stopping, and the agent is not here any more")
                : End(Verdict.AgentOffline, "No agent subscribed for this id");
        }
        // A wait is as good as a new start.
        _tries = 0;
        return new DispatchStep<TSession>(hasPlace ? DispatchAction.Wait : DispatchAction.EnterWait);
    }

    /// <summary>
    /// It has just got its place. The agent is to be asked for once more. Without that: the route says nobody; the agent connects and
    /// wakes those who wait; this request takes its place, and sleeps although the agent is there.
    /// </summary>
    /// <param name="stopping">Does this process stop? Whoever told those who wait may have done so before it had its place.</param>
    /// <param name="now">The time.</param>
    public DispatchStep<TSession> Entered(bool stopping, TimeSpan now) =>
        stopping ? End(Verdict.Draining, "the gateway is stopping") : Begin(now);

    /// <summary>The step's target was offered the request.</summary>
    /// <param name="target">Who was.</param>
    /// <param name="result">What became of it.</param>
    /// <param name="now">The time.</param>
    public DispatchStep<TSession> Offered(RouteTo<TSession> target, TakeResult result, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(target);
        // What is over the grain is told when it is asked again; one that drains and has a successor is still somebody.
        if (result.Outcome == TakeOutcome.Taken || target.Local is null or { HasEnded: true })
            RefusedSession = target.SessionId;
        if (result.Outcome == TakeOutcome.Taken)
            return new DispatchStep<TSession>(DispatchAction.Taken);
        if (result.Outcome == TakeOutcome.NotThere)
            routes.Forget(agent, target.SessionId);
        if (result.Outcome == TakeOutcome.Overloaded || _refusal is null)
            _refusal = result;
        _refusedByRoute.Add(target.SessionId);
        return _route!.Next(frontDoor, _refusedByRoute) is { } next ? OfferTo(next) : AllRefused(now);
    }

    private DispatchStep<TSession> OfferTo(AgentRoute<TSession> route)
    {
        (_route, _refusal) = (route, null);
        _refusedByRoute.Clear();
        return route.Next(frontDoor, tried: null) is { } target
            ? OfferTo(target)
            : new DispatchStep<TSession>(DispatchAction.PassOn) { Target = route.Targets[0] };
    }

    private static DispatchStep<TSession> OfferTo(RouteTo<TSession> target) => new(DispatchAction.Offer) { Target = target };

    // The sessions that this front door holds were offered it one after another. Where one has only no room, others are not asked for.
    private DispatchStep<TSession> AllRefused(TimeSpan now) => _refusal is { Outcome: TakeOutcome.Overloaded } refusal
        ? new DispatchStep<TSession>(DispatchAction.End) { Verdict = Verdict.Overloaded, Refusal = refusal }
        : Begin(now);

    private static DispatchStep<TSession> End(Verdict verdict, string detail) =>
        new(DispatchAction.End) { Verdict = verdict, Detail = detail };
}
