using Switchboard.Abstractions.Agents;

namespace Switchboard.Grains.Tests.Support;

/// <summary>Where an agent's requests go, as tests ask it.</summary>
internal static class Routes
{
    /// <summary>The one session, or null where nobody is there.</summary>
    public static async Task<RouteTarget?> RouteAsync(this IAgentGrain agent, ulong refused = 0)
    {
        var targets = (await AskAsync(agent, refused)).Targets;
        Assert.InRange(targets.Count, 0, 1);
        return targets.Count == 0 ? null : targets[0];
    }

    /// <summary>All sessions, newest first.</summary>
    public static async Task<IEnumerable<ulong>> SessionsAsync(this IAgentGrain agent, ulong refused = 0) =>
        (await AskAsync(agent, refused)).Targets.Select(t => t.Session);

    // As a front door does that was refused by a session.
    private static async Task<RouteResult> AskAsync(IAgentGrain agent, ulong refused)
    {
        if (refused != 0)
        {
            await agent.SessionGone(refused).DefaultTimeout();
        }

        return await agent.Route().DefaultTimeout();
    }
}
