namespace Switchboard.Core.Agents;

/// <summary>Represents the outcome of a connect.</summary>
/// <param name="ConnectNumber">The number that the front door repeats in every announce.</param>
/// <param name="Displaced">The sessions that it displaced, oldest first; each is to be sent <c>go_away displaced</c>.</param>
public readonly record struct ConnectOutcome(long ConnectNumber, IReadOnlyList<SessionEntry> Displaced)
{
    /// <summary>Whether the pool is full: the session got no number and no entry.</summary>
    public bool Refused { get; init; }
}

/// <summary>Specifies the outcome of an announce.</summary>
public enum AnnounceResult
{
    /// <summary>The table knew the session.</summary>
    Refreshed,

    /// <summary>The table did not know it and has added it: it had been lost with the grain's activation.</summary>
    Taken,

    /// <summary>A newer session is or was known, or it has ended: the front door ends the session.</summary>
    Refused,

    /// <summary>
    /// The pool is full: others joined while the table was lost. The front door ends it, and its agent may come back later.
    /// </summary>
    NoRoom,

    /// <summary>It was kicked before the announce arrived: the front door ends the session with that reason.</summary>
    Kicked,
}

/// <summary>Represents the outcome of an announce.</summary>
/// <param name="Result">The outcome.</param>
/// <param name="Superseded">Older sessions that were announced before it and that it superseded, oldest first.</param>
public readonly record struct AnnounceOutcome(AnnounceResult Result, IReadOnlyList<SessionEntry> Superseded);
