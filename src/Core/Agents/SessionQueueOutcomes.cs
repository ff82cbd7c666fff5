namespace Switchboard.Core.Agents;

/// <summary>Specifies the outcome of offering a request to a session.</summary>
public enum TakeOutcome
{
    /// <summary>It is in the queue and counts as in flight.</summary>
    Taken,

    /// <summary>The session has ended, or drains and has a successor: the agent's grain is to be asked again.</summary>
    NotThere,

    /// <summary>The agent has as many requests in flight as it may have, or does not read what was queued.</summary>
    Overloaded,
}

/// <summary>Specifies the limit by which a session refuses a request.</summary>
public enum SessionLimit
{
    /// <summary>Requests in flight.</summary>
    InFlight,

    /// <summary>Requests that wait to be written.</summary>
    Queued,

    /// <summary>Bytes of those requests.</summary>
    QueuedBytes,
}

/// <summary>Represents the outcome of offering a request to a session.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Limit">The limit that refused it, if one did.</param>
/// <param name="Value">The value of that limit.</param>
public readonly record struct TakeResult(TakeOutcome Outcome, SessionLimit Limit = default, int Value = 0);
