using Switchboard.Abstractions.Agents;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Requests;

/// <summary>Finds an agent's sessions: in memory, else by asking the agent's grain.</summary>
internal sealed class AgentRoutes(RouteCache cache, SessionRegistry sessions, IFrontDoor frontDoor, IGrainFactory grains, GatewayClock clock)
{
    /// <summary>
    /// How long the sessions of a pool are remembered. One that joins it here is noticed at once, and one that leaves when it refuses;
    /// this is for those that join it at another front door.
    /// </summary>
    private static readonly TimeSpan PoolIsRemembered = TimeSpan.FromSeconds(5);

    /// <summary>A route that is remembered and has another session than the refused one.</summary>
    public AgentRoute? Remembered(AgentKey agent, ulong refused)
    {
        if (cache.Find(agent) is not { } route || (route.Targets.Count == 1 && route.Targets[0].SessionId == refused))
            return null;
        return route.Until is { } until && clock.Now >= until ? null : route;
    }

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
        if (result.Targets.Count == 0)
            return null;
        var route = new AgentRoute([.. result.Targets.Select(TargetOf)], result.Pool ? clock.Now + PoolIsRemembered : null);
        cache.Remember(agent, route);
        // A session of ours that is not there is not remembered: it is refused in a moment.
        foreach (RouteTo target in route.Targets)
        {
            if (target.Local is null && target.FrontDoor == frontDoor.Number)
                cache.Forget(agent, target.SessionId);
        }
        return route;
    }

    /// <summary>A session refused a request, as it is over or takes nothing new.</summary>
    public void Forget(AgentKey agent, ulong session) => cache.Forget(agent, session);

    private RouteTo TargetOf(RouteTarget target) => new(
        target.FrontDoor, target.Session, target.FrontDoor == frontDoor.Number ? sessions.Find(target.Session) : null);
}
