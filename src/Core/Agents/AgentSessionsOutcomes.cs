namespace Switchboard.Core.Agents;

/// <summary>What a front door is to be told about one of its sessions.</summary>
public enum SessionEnding
{
    /// <summary>A newer session is there: it ends.</summary>
    Displaced,

    /// <summary>Somebody sent its agent away, or its pool is full: it ends, and the agent may come back later.</summary>
    Kicked,

    /// <summary>It drains and its agent has another session: it takes nothing new, and keeps what it has.</summary>
    Succeeded,
}

/// <summary>Something to tell a front door.</summary>
/// <param name="Lane">How to reach it.</param>
/// <param name="Session">The session.</param>
/// <param name="Ending">What is said of the session.</param>
/// <typeparam name="TLane">How a front door is reached.</typeparam>
public readonly record struct SessionNotice<TLane>(TLane Lane, SessionId Session, SessionEnding Ending);

/// <summary>What a front door says of a session that it holds.</summary>
/// <param name="Session">The session.</param>
/// <param name="FrontDoor">The front door's number.</param>
/// <param name="Lane">How to reach it.</param>
/// <param name="ConnectNumber">The number that the session's connect gave; 0: its connect is still under way.</param>
/// <param name="Retiring">It was told <c>go_away draining</c>.</param>
/// <typeparam name="TLane">How a front door is reached.</typeparam>
public readonly record struct HeldSession<TLane>(SessionId Session, ushort FrontDoor, TLane Lane, long ConnectNumber, bool Retiring);

/// <summary>A session of the table and how to reach its front door.</summary>
/// <param name="Entry">The session.</param>
/// <param name="Lane">How to reach its front door.</param>
/// <typeparam name="TLane">How a front door is reached.</typeparam>
public readonly record struct KnownSession<TLane>(SessionEntry Entry, TLane Lane);

/// <summary>What became of a connect.</summary>
public enum ConnectDecision
{
    /// <summary>Requests go to it from now on.</summary>
    Connected,

    /// <summary>Sessions of this agent displace one another too fast: nothing has changed, it asks again after the wait.</summary>
    Wait,

    /// <summary>The pool has as many sessions as it takes: nothing has changed.</summary>
    PoolFull,
}

/// <summary>What became of a connect, and who is to be told.</summary>
/// <param name="Decision">What became of it.</param>
/// <typeparam name="TLane">How a front door is reached.</typeparam>
public sealed record ConnectReply<TLane>(ConnectDecision Decision)
{
    /// <summary>When to ask again, after <see cref="ConnectDecision.Wait"/>.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>True for the first wait of an episode, which is worth a line in the log.</summary>
    public bool IsNews { get; init; }

    /// <summary>The number that the front door repeats in every announce; 0 where it is not connected.</summary>
    public long ConnectNumber { get; init; }

    /// <summary>The sessions that left the table for it, oldest first. The connecting front door ends those of them that it holds.</summary>
    public IReadOnlyList<SessionEntry> Displaced { get; init; } = [];

    /// <summary>Who else is to be told.</summary>
    public IReadOnlyList<SessionNotice<TLane>> Notices { get; init; } = [];
}

/// <summary>What became of an announce.</summary>
/// <param name="Result">What it did.</param>
/// <param name="Ending">Null: the session lives on. Else it is over, and the front door that announced it ends it.</param>
/// <param name="Superseded">Older sessions that left the table for it, oldest first.</param>
/// <param name="Notices">Who else is to be told.</param>
/// <typeparam name="TLane">How a front door is reached.</typeparam>
public readonly record struct AnnounceReply<TLane>(
    AnnounceResult Result, SessionEnding? Ending, IReadOnlyList<SessionEntry> Superseded, IReadOnlyList<SessionNotice<TLane>> Notices);
