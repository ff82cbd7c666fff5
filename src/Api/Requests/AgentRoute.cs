using Switchboard.Api.Sessions;

namespace Switchboard.Api.Requests;

/// <summary>A session that an agent's requests may go to.</summary>
/// <param name="FrontDoor">The front door that holds it.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Local">The session itself, where that front door is this one and it is there.</param>
internal sealed record RouteTo(ushort FrontDoor, ulong SessionId, AgentSession? Local);

/// <summary>Where an agent's requests go: to one session, or to the sessions of a pool. Immutable but for the turn.</summary>
/// <param name="targets">At least one; more than one only in a pool.</param>
/// <param name="until">When others may have joined them, so that the grain is to be asked again; null: never.</param>
internal sealed class AgentRoute(IReadOnlyList<RouteTo> targets, TimeSpan? until)
{
    private uint _turn;

    public AgentRoute(ushort frontDoor, ulong session, AgentSession? local)
        : this([new RouteTo(frontDoor, session, local)], until: null)
    {
    }

    public IReadOnlyList<RouteTo> Targets => targets;

    public TimeSpan? Until => until;

    public bool Has(ulong session) => targets.Any(target => target.SessionId == session);

    /// <summary>Without that session; null: nothing is left.</summary>
    public AgentRoute? Without(ulong session)
    {
        RouteTo[] left = [.. targets.Where(target => target.SessionId != session)];
        return left.Length == 0 ? null : new AgentRoute(left, until);
    }

    /// <summary>
    /// The target that this front door holds with the fewest requests in flight, of those that were not tried yet; of several, each in
    /// turn. What is in flight at another front door is not known here. Null: no other.
    /// </summary>
    /// <param name="frontDoor">This front door.</param>
    /// <param name="tried">Sessions that refused this request.</param>
    public RouteTo? Next(ushort frontDoor, List<ulong>? tried)
    {
        if (targets.Count == 1)
            return tried is null && targets[0].FrontDoor == frontDoor ? targets[0] : null;
        RouteTo? best = null;
        int fewest = int.MaxValue;
        uint turn = Interlocked.Increment(ref _turn);
        for (int i = 0; i < targets.Count; i++)
        {
            RouteTo target = targets[(int)((turn + (uint)i) % (uint)targets.Count)];
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
