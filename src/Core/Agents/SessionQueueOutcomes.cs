namespace Switchboard.Core.Agents;

/// <summary>What became of offering a request to a session.</summary>
public enum TakeOutcome
{
    /// <summary>It is in the queue and counts as in flight.</summary>
    Taken,

    /// <summary>The session is over, or drains and has a successor: ask the agent's grain again.</summary>
    NotThere,

    /// <summary>The agent has as much in flight as it takes, or does not read what it has been given.</summary>
    Overloaded,
}

/// <summary>The limit by which a session refuses a request.</summary>
public enum SessionLimit
{
    /// <summary>Requests in flight.</summary>
    InFlight,

    /// <summary>Requests that wait to be written.</summary>
    Queued,

    /// <summary>Their bytes.</summary>
    QueuedBytes,
}

/// <summary>What became of offering a request to a session.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Limit">Which limit refused it, where one did.</param>
/// <param name="Value">How much that limit allows.</param>
public readonly record struct TakeResult(TakeOutcome Outcome, SessionLimit Limit = default, int Value = 0);
