using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Requests;

/// <summary>
/// Routes that the agents' grains gave, remembered until they are refused. Bounded: two halves; what is used moves into the young one,
/// and when that is full the old one is dropped, so what stays is what was asked for lately. Thread-safe; reading takes no lock.
/// </summary>
internal sealed class RouteCache(IOptions<RequestOptions> options)
{
    private readonly int _half = Math.Max(1, options.Value.RouteCacheSize / 2);
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<AgentKey, AgentRoute> _young = new();
    private volatile ConcurrentDictionary<AgentKey, AgentRoute> _old = new();
    private int _youngCount;

    public AgentRoute? Find(AgentKey agent)
    {
        if (_young.TryGetValue(agent, out AgentRoute? route))
            return route;
        if (!_old.TryRemove(agent, out route))
            return null;
        Remember(agent, route);
        return route;
    }

    public void Remember(AgentKey agent, AgentRoute route)
    {
        var young = _young;
        if (young.TryAdd(agent, route))
        {
            if (Interlocked.Increment(ref _youngCount) >= _half)
                TurnOver(young);
        }
        else
        {
            young[agent] = route;
        }
        // A session that ended between the grain's answer and here has already been forgotten, and would be remembered for long.
        if (route.Local is { Ended: not null })
            Forget(agent, route.SessionId);
    }

    /// <summary>That session was refused, or is over. A newer route of the agent stays.</summary>
    public void Forget(AgentKey agent, ulong session)
    {
        ForgetIn(_young, agent, session);
        ForgetIn(_old, agent, session);
    }

    private static void ForgetIn(ConcurrentDictionary<AgentKey, AgentRoute> routes, AgentKey agent, ulong session)
    {
        if (routes.TryGetValue(agent, out AgentRoute? route) && route.SessionId == session)
            routes.TryRemove(new KeyValuePair<AgentKey, AgentRoute>(agent, route));
    }

    private void TurnOver(ConcurrentDictionary<AgentKey, AgentRoute> full)
    {
        lock (_turn)
        {
            if (_young != full)
                return;
            _old = full;
            _young = new ConcurrentDictionary<AgentKey, AgentRoute>();
            _youngCount = 0;
        }
    }
}
