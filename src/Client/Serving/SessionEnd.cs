namespace Switchboard.Client.Serving;

/// <summary>Describes why an agent leaves a session, and what it does next.</summary>
/// <param name="Next">What the agent does next.</param>
/// <param name="Wait">The delay that the gateway, or a rule, asks for, in addition to the backoff.</param>
/// <param name="WasStable">Whether the session lasted long enough to reset the backoff.</param>
/// <param name="Detail">A description for people to read.</param>
/// <param name="Error">The error that the agent ends with where <paramref name="Next"/> is <see cref="AfterGoAway.Stop"/>; otherwise the
/// error that ended the session, or <see langword="null"/>.</param>
internal sealed record SessionEnd(AfterGoAway Next, TimeSpan Wait, bool WasStable, string Detail, Exception? Error)
{
    /// <summary>
    /// The maximum of the backoff after this end, or <see langword="null"/> for the agent's own. A gateway that is there, and says that it or
    /// its cluster cannot serve the agent just now, says when to come back; the backoff only spreads the agents.
    /// </summary>
    public TimeSpan? LongestBackoff { get; init; }
}
