using Switchboard.Abstractions.Agents;
using Switchboard.Api.Errors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>What an agent's grain has answered.</summary>
/// <param name="Targets">Its sessions, newest first; none: nobody is there.</param>
/// <param name="Pool">Are they a pool?</param>
internal readonly record struct FoundSessions(IReadOnlyList<RouteTo<AgentSession>> Targets, bool Pool);

/// <summary>Asks agents' grains where their sessions are.</summary>
internal sealed class AgentRoutes(
    RouteCache<AgentSession> cache, SessionRegistry sessions, IFrontDoor frontDoor, IGrainFactory grains, GatewayClock clock)
{
    /// <summary>What is remembered of their answers.</summary>
    public RouteCache<AgentSession> Cache => cache;

    /// <summary>Asks an agent's grain.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="refused">A session that is not there any more, or 0.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The grain did not answer in time.</exception>
    public async Task<FoundSessions> AskAsync(AgentKey agent, ulong refused, TimeSpan limit, CancellationToken cancellationToken)
    {
        IAgentGrain grain = grains.GetGrain<IAgentGrain>(agent.ToString());
        RouteResult result = await GrainCalls.AskAsync(() => grain.Route(refused), limit, clock.Time, cancellationToken);
        return new FoundSessions([.. result.Targets.Select(TargetOf)], result.Pool);
    }

    private RouteTo<AgentSession> TargetOf(RouteTarget target) => new(
        target.FrontDoor, target.Session, target.FrontDoor == frontDoor.Number ? sessions.Find(target.Session) : null);
}
