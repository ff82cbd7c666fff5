namespace Switchboard.Core.Agents;

/// <summary>What came of a connect.</summary>
/// <param name="ConnectNumber">The number that the front door repeats in every announce.</param>
/// <param name="Displaced">The sessions that left the table for it, oldest first: tell each <c>go_away displaced</c>.</param>
public readonly record struct ConnectOutcome(long ConnectNumber, IReadOnlyList<SessionEntry> Displaced)
{
    /// <summary>The pool has as many sessions as it takes: it got no number and no entry.</summary>
    public bool Refused { get; init; }
}

/// <summary>What an announce did.</summary>
public enum AnnounceResult
{
    /// <summary>The table knew the session.</summary>
    Refreshed,

    /// <summary>The table did not know it and has it now: it had been lost with the grain's activation.</summary>
    Taken,

    /// <summary>A newer one is or was known, or it has said goodbye: the front door ends the session.</summary>
    Refused,

    /// <summary>
    /// The pool is full: while the table was lost others took its places. The front door ends it, and its agent may come back later.
    /// </summary>
    NoRoom,

    /// <summary>It was kicked before the announce arrived: the front door ends the session with that word.</summary>
    Kicked,
}

/// <summary>What came of an announce.</summary>
/// <param name="Result">What it did.</param>
/// <param name="Superseded">Older sessions that were announced before it and left the table for it, oldest first.</param>
public readonly record struct AnnounceOutcome(AnnounceResult Result, IReadOnlyList<SessionEntry> Superseded);
