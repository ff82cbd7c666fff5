namespace Switchboard.Core.Requests;

/// <summary>Represents a session of this front door in the choice between several.</summary>
public interface IRouteTarget
{
    /// <summary>The number of its requests in flight.</summary>
    int InFlight { get; }

    /// <summary>The number that its connect got; 0 while that is under way.</summary>
    long ConnectNumber { get; }

    /// <summary>Gets whether it has ended.</summary>
    bool HasEnded { get; }
}

/// <summary>Represents a session that an agent's requests may go to.</summary>
/// <param name="FrontDoor">The front door that holds it.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Local">The session itself, if this front door holds it.</param>
/// <typeparam name="TSession">The type of a session of this front door.</typeparam>
public sealed record RouteTo<TSession>(ushort FrontDoor, ulong SessionId, TSession? Local)
    where TSession : class, IRouteTarget;

/// <summary>
/// Holds the sessions that an agent's requests go to: one, or those of a pool. Immutable except for the turn. Thread-safe.
/// </summary>
/// <param name="targets">At least one; more than one only in a pool.</param>
/// <param name="until">When other sessions may have joined, so that the grain is to be asked again; null: never.</param>
/// <typeparam name="TSession">The type of a session of this front door.</typeparam>
public sealed class AgentRoute<TSession>(IReadOnlyList<RouteTo<TSession>> targets, TimeSpan? until)
    where TSession : class, IRouteTarget
{
    private uint _turn;

    /// <summary>Initializes a route to one session, until it is refused.</summary>
    public AgentRoute(ushort frontDoor, ulong session, TSession? local)
        : this([new RouteTo<TSession>(frontDoor, session, local)], until: null)
    {
    }

    /// <summary>The sessions.</summary>
    public IReadOnlyList<RouteTo<TSession>> Targets => targets;

    /// <summary>When other sessions may have joined; null: never.</summary>
    public TimeSpan? Until => until;

    /// <summary>Returns whether a session is among them.</summary>
    public bool Has(ulong session) => targets.Any(target => target.SessionId == session);

    /// <summary>Returns the route without a session; null if none is left.</summary>
    public AgentRoute<TSession>? Without(ulong session)
    {
        RouteTo<TSession>[] left = [.. targets.Where(target => target.SessionId != session)];
        return left.Length == 0 ? null : new AgentRoute<TSession>(left, until);
    }

    /// <summary>
    /// Chooses the next target of those that were not tried yet: in turn, so that each front door gets the share of its sessions; of those
    /// that this one holds, the one with the fewest requests in flight. Requests in flight at another front door are not known here.
    /// </summary>
    /// <param name="frontDoor">This front door.</param>
    /// <param name="tried">Sessions that refused this request; null: none.</param>
    /// <param name="stayHere">Whether the sessions of this front door come first, because another one could not take the request.</param>
    /// <returns>Null if there is no other.</returns>
    public RouteTo<TSession>? Next(ushort frontDoor, IReadOnlyCollection<ulong>? tried, bool stayHere = false)
    {
        if (targets.Count == 1)
        {
            return tried?.Contains(targets[0].SessionId) == true ? null : targets[0];
        }

        RouteTo<TSession>? best = null;
        RouteTo<TSession>? elsewhere = null;
        var fewest = int.MaxValue;
        var turn = Interlocked.Increment(ref _turn);
        for (var i = 0; i < targets.Count; i++)
        {
            var target = targets[(int)((turn + (uint)i) % (uint)targets.Count)];
            if (tried?.Contains(target.SessionId) == true)
            {
                continue;
            }

            if (target.FrontDoor != frontDoor)
            {
                if (best is null && !stayHere)
                {
                    return target;
                }

                elsewhere ??= target;
                continue;
            }

            // One that is not there is tried first: that costs nothing, and removes it.
            var inFlight = target.Local?.InFlight ?? -1;
            if (inFlight < fewest)
            {
                (best, fewest) = (target, inFlight);
            }
        }

        return best ?? elsewhere;
    }
}
