namespace Switchboard.Core.Agents;

/// <summary>Specifies the content of a notice to a front door about one of its sessions.</summary>
public enum SessionEnding
{
    /// <summary>A newer session has connected: it ends.</summary>
    Displaced,

    /// <summary>Its agent was kicked, or its pool is full: it ends, and the agent may come back later.</summary>
    Kicked,

    /// <summary>It drains and its agent has another session: it takes no new requests, and keeps what it has.</summary>
    Succeeded,
}

/// <summary>Represents a notice to a front door.</summary>
/// <param name="Observer">The observer of the front door.</param>
/// <param name="Session">The session.</param>
/// <param name="Ending">The content.</param>
/// <typeparam name="TObserver">The type of a front door's observer.</typeparam>
public readonly record struct SessionNotice<TObserver>(TObserver Observer, SessionId Session, SessionEnding Ending);

/// <summary>Represents a session that a front door holds.</summary>
/// <param name="Session">The session.</param>
/// <param name="FrontDoor">The front door's number.</param>
/// <param name="Observer">The observer of the front door.</param>
/// <param name="ConnectNumber">The number that the session's connect gave; 0: its connect is still under way.</param>
/// <param name="Retiring">Whether it was sent <c>go_away draining</c>.</param>
/// <typeparam name="TObserver">The type of a front door's observer.</typeparam>
public readonly record struct HeldSession<TObserver>(SessionId Session, ushort FrontDoor, TObserver Observer, long ConnectNumber, bool Retiring);

/// <summary>Represents a session of the table and how to reach its front door.</summary>
/// <param name="Entry">The session.</param>
/// <param name="Observer">The observer of its front door.</param>
/// <typeparam name="TObserver">The type of a front door's observer.</typeparam>
public readonly record struct KnownSession<TObserver>(SessionEntry Entry, TObserver Observer);

/// <summary>Specifies the outcome of a connect.</summary>
public enum ConnectDecision
{
    /// <summary>Requests go to it from now on.</summary>
    Connected,

    /// <summary>
    /// Sessions of this agent displace one another too fast: nothing has changed, and the connect is to be repeated after the wait.
    /// </summary>
    Wait,

    /// <summary>The pool has as many sessions as it may have: nothing has changed.</summary>
    PoolFull,
}

/// <summary>Represents the outcome of a connect, with the notices.</summary>
/// <param name="Decision">The outcome.</param>
/// <typeparam name="TObserver">The type of a front door's observer.</typeparam>
public sealed record ConnectReply<TObserver>(ConnectDecision Decision)
{
    /// <summary>The time after which to repeat the connect, with <see cref="ConnectDecision.Wait"/>.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Whether this is the first wait of an episode, which is logged.</summary>
    public bool IsNews { get; init; }

    /// <summary>The number that the front door repeats in every announce; 0 if it is not connected.</summary>
    public long ConnectNumber { get; init; }

    /// <summary>The sessions that it displaced, oldest first. The connecting front door ends those of them that it holds.</summary>
    public IReadOnlyList<SessionEntry> Displaced { get; init; } = [];

    /// <summary>The notices to other front doors.</summary>
    public IReadOnlyList<SessionNotice<TObserver>> Notices { get; init; } = [];
}

/// <summary>Represents the outcome of an announce.</summary>
/// <param name="Result">The outcome.</param>
/// <param name="Ending">Null: the session lives on. Otherwise it has ended, and the front door that announced it ends it.</param>
/// <param name="Superseded">Older sessions that it superseded, oldest first.</param>
/// <param name="Notices">The notices to other front doors.</param>
/// <typeparam name="TObserver">The type of a front door's observer.</typeparam>
public readonly record struct AnnounceReply<TObserver>(
    AnnounceResult Result, SessionEnding? Ending, IReadOnlyList<SessionEntry> Superseded, IReadOnlyList<SessionNotice<TObserver>> Notices);
