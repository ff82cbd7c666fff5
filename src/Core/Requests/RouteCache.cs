using System.Collections.Concurrent;
using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <summary>
/// Caches the routes that the agents' grains gave, until they are refused. Bounded: two halves; a route that is used moves into the young
/// one, and when that is full the old one is dropped, so recently used routes stay. Thread-safe; reading takes no lock.
/// </summary>
/// <param name="capacity">The maximum number of routes; at least 2.</param>
/// <typeparam name="TSession">The type of a session of this front door.</typeparam>
public sealed class RouteCache<TSession>(int capacity)
    where TSession : class, IRouteTarget
{
    /// <summary>
    /// How long a route is cached that can become wrong without a refusal here: the sessions of a pool, which others may join at another
    /// front door, and a session at another front door, which may end there.
    /// </summary>
    public static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(5);

    private readonly int _half = Math.Max(1, capacity / 2);
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<AgentKey, AgentRoute<TSession>> _young = new();
    private volatile ConcurrentDictionary<AgentKey, AgentRoute<TSession>> _old = new();
    private int _youngCount;

    /// <summary>Returns the cached route, whatever has become of it.</summary>
    public AgentRoute<TSession>? Find(AgentKey agent)
    {
        if (_young.TryGetValue(agent, out var route))
        {
            return route;
        }

        if (!_old.TryRemove(agent, out route))
        {
            return null;
        }

        Remember(agent, route);
        return route;
    }

    /// <summary>Returns the cached route if it need not be looked up again yet, and has another session than the refused one.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="refused">A session that turned out to have ended, or 0.</param>
    /// <param name="now">The time.</param>
    public AgentRoute<TSession>? Usable(AgentKey agent, ulong refused, TimeSpan now)
    {
        if (Find(agent) is not { } route || (route.Targets.Count == 1 && route.Targets[0].SessionId == refused))
        {
            return null;
        }

        return route.Until is { } until && now >= until ? null : route;
    }

    /// <summary>Caches the reply of the agent's grain.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="targets">The sessions that it named.</param>
    /// <param name="pool">Whether they are a pool, which others may join.</param>
    /// <param name="frontDoor">This front door.</param>
    /// <param name="now">The time.</param>
    /// <returns>The route; null: it named no session.</returns>
    public AgentRoute<TSession>? Learn(AgentKey agent, IReadOnlyList<RouteTo<TSession>> targets, bool pool, ushort frontDoor, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(targets);
        // The grain was asked while this front door knew no session; the agent connected here; and only then arrives the reply from before
        // that. The session that connected meanwhile stays; otherwise its agent's requests would be misrouted until it connects anew.
        if (!pool && Find(agent) is { } known && known.Targets[0].Local is { HasEnded: false })
        {
            return known;
        }

        if (targets.Count == 0)
        {
            return null;
        }

        var lasts = !pool && targets[0].FrontDoor == frontDoor;
        var route = new AgentRoute<TSession>(targets, lasts ? null : now + RememberedFor);
        Remember(agent, route);
        // A session of this front door that has ended is not cached: it would be refused at once.
        foreach (var target in targets)
        {
            if (target.Local is null && target.FrontDoor == frontDoor)
            {
                Forget(agent, target.SessionId);
            }
        }
        return route;
    }

    /// <summary>Caches the route to a session that has connected at this front door.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="frontDoor">This front door.</param>
    /// <param name="session">The session.</param>
    /// <param name="local">The session itself, which has its connect number.</param>
    /// <param name="pool">Whether it is one of several in a pool, of which only the grain knows the others.</param>
    public void Connected(AgentKey agent, ushort frontDoor, ulong session, TSession local, bool pool)
    {
        ArgumentNullException.ThrowIfNull(local);
        if (pool)
        {
            Forget(agent);
        }
        // The replies to two connects may overtake each other. The newer session stays.
        else if (Find(agent)?.Targets[0].Local is not { HasEnded: false } known || known.ConnectNumber < local.ConnectNumber)
        {
            Remember(agent, new AgentRoute<TSession>(frontDoor, session, local));
        }
    }

    /// <summary>Caches a route.</summary>
    public void Remember(AgentKey agent, AgentRoute<TSession> route)
    {
        ArgumentNullException.ThrowIfNull(route);
        var young = _young;
        if (young.TryAdd(agent, route))
        {
            if (Interlocked.Increment(ref _youngCount) >= _half)
            {
                TurnOver(young);
            }
        }
        else
        {
            young[agent] = route;
        }
        // The route that it replaces may be in the old half, and would be found there once this one is removed.
        if (_old != young)
        {
            _old.TryRemove(agent, out _);
        }
        // A session that ended between the grain's reply and here has already been removed, and would be cached for long.
        foreach (var target in route.Targets)
        {
            if (target.Local is { HasEnded: true })
            {
                Forget(agent, target.SessionId);
            }
        }
    }

    /// <summary>
    /// Removes a session that refused a request or has ended. The others of its pool stay, and so does a newer route of the agent.
    /// </summary>
    public void Forget(AgentKey agent, ulong session)
    {
        ForgetIn(_young, agent, session);
        ForgetIn(_old, agent, session);
    }

    /// <summary>Removes the route of an agent whose sessions have changed, so that its grain is asked again.</summary>
    public void Forget(AgentKey agent)
    {
        _young.TryRemove(agent, out _);
        _old.TryRemove(agent, out _);
    }

    // Repeated if the route changed meanwhile: two sessions of a pool may end at the same moment.
    private static void ForgetIn(ConcurrentDictionary<AgentKey, AgentRoute<TSession>> routes, AgentKey agent, ulong session)
    {
        while (routes.TryGetValue(agent, out var route) && route.Has(session))
        {
            var done = route.Without(session) is { } rest
                ? routes.TryUpdate(agent, rest, route)
                : routes.TryRemove(new KeyValuePair<AgentKey, AgentRoute<TSession>>(agent, route));
            if (done)
            {
                return;
            }
        }
    }

    private void TurnOver(ConcurrentDictionary<AgentKey, AgentRoute<TSession>> full)
    {
        lock (_turn)
        {
            if (_young != full)
            {
                return;
            }

            _old = full;
            _young = new ConcurrentDictionary<AgentKey, AgentRoute<TSession>>();
            _youngCount = 0;
        }
    }
}
