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
        foreach (RouteTo target in route.Targets)
        {
            if (target.Local is { Ended: not null })
                Forget(agent, target.SessionId);
        }
    }

    /// <summary>That session was refused, or is over. The others of its pool stay, and a newer route of the agent does.</summary>
    public void Forget(AgentKey agent, ulong session)
    {
        ForgetIn(_young, agent, session);
        ForgetIn(_old, agent, session);
    }

    /// <summary>A session has joined the agent's: its grain is to be asked which there are.</summary>
    public void Forget(AgentKey agent)
    {
        _young.TryRemove(agent, out _);
        _old.TryRemove(agent, out _);
    }

    // Again where somebody changed the route meanwhile: two sessions of a pool may end at the same moment.
    private static void ForgetIn(ConcurrentDictionary<AgentKey, AgentRoute> routes, AgentKey agent, ulong session)
    {
        while (routes.TryGetValue(agent, out AgentRoute? route) && route.Has(session))
        {
            bool done = route.Without(session) is { } rest
                ? routes.TryUpdate(agent, rest, route)
                : routes.TryRemove(new KeyValuePair<AgentKey, AgentRoute>(agent, route));
            if (done)
                return;
        }
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
