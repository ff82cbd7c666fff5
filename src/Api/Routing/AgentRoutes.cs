using Switchboard.Abstractions.Agents;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Routing;

/// <summary>Represents the reply of an agent's grain.</summary>
/// <param name="Targets">Its sessions, newest first; empty if it is offline.</param>
/// <param name="Pool">Whether they are a pool.</param>
/// <param name="Unknown">Whether no session is known, and a front door has not reported its sessions yet.</param>
/// <typeparam name="TSession">The type of a session of this front door.</typeparam>
internal readonly record struct FoundSessions<TSession>(IReadOnlyList<RouteTo<TSession>> Targets, bool Pool, bool Unknown)
    where TSession : class, IRouteTarget;

/// <summary>Asks agents' grains where their sessions are.</summary>
/// <typeparam name="TSession">The type of a session of this front door.</typeparam>
internal sealed class AgentRoutes<TSession>(
    RouteCache<TSession> cache, ILocalSessions<TSession> sessions, IFrontDoor frontDoor, IGrainFactory grains, GatewayClock clock)
    where TSession : class, IRouteTarget
{
    /// <summary>The cache of their replies.</summary>
    public RouteCache<TSession> Cache => cache;

    /// <summary>Asks an agent's grain.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="refused">A session that turned out to have ended, or 0.</param>
    /// <param name="watch">Whether this front door is to be notified when the agent connects, if it may connect at another one.</param>
    /// <param name="limit">The maximum time to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The grain did not reply in time.</exception>
    public async Task<FoundSessions<TSession>> AskAsync(AgentKey agent, ulong refused, bool watch, TimeSpan limit, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IAgentGrain>(agent.ToString());
        var result = await GrainCalls.AskAsync(() => AskAsync(grain, agent, refused, watch), clock.Time, limit, cancellationToken);
        return new FoundSessions<TSession>([.. result.Targets.Select(TargetOf)], result.Pool, result.Unknown);
    }

    // One after the other: Orleans gives no order between two calls that are under way at once.
    private async Task<RouteResult> AskAsync(IAgentGrain grain, AgentKey agent, ulong refused, bool watch)
    {
        if (refused != 0)
        {
            await grain.SessionGone(refused);
        }

        if (watch && frontDoor.IsClustered)
        {
            await WatchAsync(grain, agent);
        }

        return await grain.Route();
    }

    /// <summary>Has this front door told when the agent connects. To be said again every 15 s while callers wait.</summary>
    public Task WatchAsync(AgentKey agent) => WatchAsync(grains.GetGrain<IAgentGrain>(agent.ToString()), agent);

    private Task WatchAsync(IAgentGrain grain, AgentKey agent) => grain.Watch(frontDoor.Number, frontDoor.Observer((uint)agent.GetHashCode()));

    private RouteTo<TSession> TargetOf(RouteTarget target) => new(
        target.FrontDoor, target.Session, target.FrontDoor == frontDoor.Number ? sessions.Find(target.Session) : null);
}
