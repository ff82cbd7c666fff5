namespace Switchboard.Core.Requests;

/// <summary>A session of this front door, as the choice between several sees it.</summary>
public interface IRouteTarget
{
    /// <summary>Requests in flight towards it.</summary>
    int InFlight { get; }

    /// <summary>The number that its connect got; 0 while that is under way.</summary>
    long ConnectNumber { get; }

    /// <summary>Is it over?</summary>
    bool HasEnded { get; }
}

/// <summary>A session that an agent's requests may go to.</summary>
/// <param name="FrontDoor">The front door that holds it.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Local">The session itself, where that front door is this one and it is there.</param>
/// <typeparam name="TSession">A session of this front door.</typeparam>
public sealed record RouteTo<TSession>(ushort FrontDoor, ulong SessionId, TSession? Local)
    where TSession : class, IRouteTarget;

/// <summary>Where an agent's requests go: to one session, or to the sessions of a pool. Immutable but for the turn. Thread-safe.</summary>
/// <param name="targets">At least one; more than one only in a pool.</param>
/// <param name="until">When others may have joined them, so that the grain is to be asked again; null: never.</param>
/// <typeparam name="TSession">A session of this front door.</typeparam>
public sealed class AgentRoute<TSession>(IReadOnlyList<RouteTo<TSession>> targets, TimeSpan? until)
    where TSession : class, IRouteTarget
{
    private uint _turn;

    /// <summary>A route to one session, until it is refused.</summary>
    public AgentRoute(ushort frontDoor, ulong session, TSession? local)
        : this([new RouteTo<TSession>(frontDoor, session, local)], until: null)
    {
    }

    /// <summary>The sessions.</summary>
    public IReadOnlyList<RouteTo<TSession>> Targets => targets;

    /// <summary>When others may have joined them; null: never.</summary>
    public TimeSpan? Until => until;

    /// <summary>Is that session among them?</summary>
    public bool Has(ulong session) => targets.Any(target => target.SessionId == session);

    /// <summary>Without that session; null: nothing is left.</summary>
    public AgentRoute<TSession>? Without(ulong session)
    {
        RouteTo<TSession>[] left = [.. targets.Where(target => target.SessionId != session)];
        return left.Length == 0 ? null : new AgentRoute<TSession>(left, until);
    }

    /// <summary>
    /// The target that this front door holds with the fewest requests in flight, of those that were not tried yet; of several, each in
    /// turn. What is in flight at another front door is not known here. Null: no other.
    /// </summary>
    /// <param name="frontDoor">This front door.</param>
    /// <param name="tried">Sessions that refused this request.</param>
    public RouteTo<TSession>? Next(ushort frontDoor, IReadOnlyCollection<ulong>? tried)
    {
        if (targets.Count == 1)
            return tried is null && targets[0].FrontDoor == frontDoor ? targets[0] : null;
        RouteTo<TSession>? best = null;
        int fewest = int.MaxValue;
        uint turn = Interlocked.Increment(ref _turn);
        for (int i = 0; i < targets.Count; i++)
        {
            RouteTo<TSession> target = targets[(int)((turn + (uint)i) % (uint)targets.Count)];
            if (target.FrontDoor != frontDoor || tried?.Contains(target.SessionId) == true)
                continue;
            // One that is not there costs nothing to try, and is forgotten by it.
            int inFlight = target.Local?.InFlight ?? -1;
            if (inFlight < fewest)
                (best, fewest) = (target, inFlight);
        }
        return best;
    }
}
