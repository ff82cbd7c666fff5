using Switchboard.Abstractions.Agents;

namespace Switchboard.Grains.Tests.Support;

/// <summary>Where an agent's requests go, as tests ask it.</summary>
internal static class Routes
{
    /// <summary>The one session, or null where nobody is there.</summary>
    public static async Task<RouteTarget?> RouteAsync(this IAgentGrain agent, ulong refused = 0)
    {
        var targets = (await agent.Route(refused).DefaultTimeout()).Targets;
        Assert.InRange(targets.Count, 0, 1);
        return targets.Count == 0 ? null : targets[0];
    }

    /// <summary>All sessions, newest first.</summary>
    public static async Task<IEnumerable<ulong>> SessionsAsync(this IAgentGrain agent, ulong refused = 0) =>
        (await agent.Route(refused).DefaultTimeout()).Targets.Select(t => t.Session);
}
