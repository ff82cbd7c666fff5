using Switchboard.Abstractions.Agents;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Requests;

/// <summary>Finds an agent's session: in memory, else by asking the agent's grain.</summary>
internal sealed class AgentRoutes(RouteCache cache, SessionRegistry sessions, IFrontDoor frontDoor, IGrainFactory grains, GatewayClock clock)
{
    /// <summary>A route that is remembered and is not the refused session's.</summary>
    public AgentRoute? Remembered(AgentKey agent, ulong refused) =>
        cache.Find(agent) is { } route && route.SessionId != refused ? route : null;

    /// <summary>Asks the agent's grain.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="refused">A session that is not there any more, or 0.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null: nobody is there.</returns>
    /// <exception cref="TimeoutException">The grain did not answer in time.</exception>
    public async Task<AgentRoute?> AskAsync(AgentKey agent, ulong refused, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (refused != 0)
            cache.Forget(agent, refused);
        RouteResult result = await grains.GetGrain<IAgentGrain>(agent.ToString()).Route(refused).WaitAsync(limit, clock.Time, cancellationToken);
        if (!result.Online)
            return null;
        AgentSession? local = result.FrontDoor == frontDoor.Number ? sessions.Find(result.Session) : null;
        var route = new AgentRoute(result.FrontDoor, result.Session, local);
        // A session of ours that is not there is not remembered: it is refused in a moment.
        if (local is not null || result.FrontDoor != frontDoor.Number)
            cache.Remember(agent, route);
        return route;
    }
}
