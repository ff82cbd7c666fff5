namespace Switchboard.Core.Agents;

/// <summary>
/// Decides everything about one agent's sessions: a <see cref="SessionTable"/>, how to reach the front door of each session in it, and
/// which front doors have to be notified. It is lost with the grain's activation and rebuilt with <see cref="Restore"/>.
/// </summary>
/// <remarks>
/// Not thread-safe: an agent's grain turns are its lock. It calls no front door: the grain sends the notices of an outcome, in any order
/// and without waiting. A notice may be lost: the front door then gets the same with its next announce, or with the next request that it
/// refuses.
/// </remarks>
/// <typeparam name="TObserver">The type of a front door's observer.</typeparam>
public sealed class AgentSessions<TObserver>
    where TObserver : class
{
    private readonly SessionTable _table;
    private readonly DisplacementBudget _displacements;

    // How to reach the front door of each session in the table; holds no other keys.
    private readonly Dictionary<SessionId, TObserver> _observers = [];

    /// <summary>Initializes without sessions, as in a fresh activation.</summary>
    /// <param name="policy">What a new session does to the existing ones.</param>
    /// <param name="capacity">The maximum number of sessions, retiring ones included; at least 1.</param>
    /// <param name="displacements">Limits how often sessions may displace one another.</param>
    public AgentSessions(SessionPolicy policy, int capacity, DisplacementBudget displacements)
    {
        Policy = policy;
        _table = new SessionTable(capacity, policy);
        _displacements = displacements;
    }

    /// <summary>What a new session does to the existing ones.</summary>
    public SessionPolicy Policy { get; }

    /// <summary>
    /// Gets whether this activation has ever known a session. One that has not may be collected at once: clients that guess ids must not
    /// fill a silo with activations (R5). One that has keeps its tombstones.
    /// </summary>
    public bool KnowsAnybody { get; private set; }

    /// <summary>The number of sessions.</summary>
    public int Count => _table.Entries.Count;

    /// <summary>Gets whether any session takes requests.</summary>
    public bool IsOnline => _table.Route() is not null;

    /// <summary>Adds the sessions that the front doors reported to a fresh activation.</summary>
    /// <param name="held">The reported sessions, in any order.</param>
    /// <returns>The notices to front doors whose sessions have ended.</returns>
    public IReadOnlyList<SessionNotice<TObserver>> Restore(IEnumerable<HeldSession<TObserver>> held)
    {
        var notices = new List<SessionNotice<TObserver>>();
        // Oldest first. Where two front doors hold a session each (the displaced one has not been notified yet), the newer wins, and a
        // draining one is known before its successor.
        foreach (var session in held.OrderBy(h => h.ConnectNumber))
        {
            var reply = Announce(session);
            notices.AddRange(reply.Notices);
            if (reply.Ending is { } ending)
            {
                notices.Add(new SessionNotice<TObserver>(session.Observer, session.Session, ending));
            }
        }
        return notices;
    }

    /// <summary>Connects a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="frontDoor">The number of the front door that holds its connection.</param>
    /// <param name="observer">The observer of that front door.</param>
    /// <param name="now">The time.</param>
    /// <param name="clockMs">The wall clock, in milliseconds since 1970.</param>
    public ConnectReply<TObserver> Connect(SessionId session, ushort frontDoor, TObserver observer, TimeSpan now, long clockMs)
    {
        KnowsAnybody = true;
        if (_table.WouldDisplace(session) && _displacements.Take(now) is { } wait)
        {
            return new ConnectReply<TObserver>(ConnectDecision.Wait) { Wait = wait, IsNews = _displacements.IsNews() };
        }

        var outcome = _table.Connect(session, frontDoor, clockMs);
        if (outcome.Refused)
        {
            return new ConnectReply<TObserver>(ConnectDecision.PoolFull);
        }

        _observers[session] = observer;
        // The reply names to the connecting front door those that it holds itself.
        var notices = Displaced(outcome.Displaced.Where(entry => entry.FrontDoor != frontDoor));
        AddSucceeded(notices);
        return new ConnectReply<TObserver>(ConnectDecision.Connected)
        {
            ConnectNumber = outcome.ConnectNumber,
            Displaced = outcome.Displaced,
            Notices = notices,
        };
    }

    /// <summary>Takes the announcement of a session by the front door that holds it.</summary>
    public AnnounceReply<TObserver> Announce(HeldSession<TObserver> held)
    {
        // Its connect is on the way to this grain and will be a turn of its own; until then there is nothing to keep.
        if (held.ConnectNumber == 0)
        {
            return new AnnounceReply<TObserver>(AnnounceResult.Refused, null, [], []);
        }

        KnowsAnybody = true;
        var outcome = _table.Announce(held.Session, held.FrontDoor, held.ConnectNumber, held.Retiring);
        switch (outcome.Result)
        {
            // Without room it ends like a kicked one, so that its agent comes back later. A displaced one would not.
            case AnnounceResult.Kicked or AnnounceResult.NoRoom:
                return new AnnounceReply<TObserver>(outcome.Result, SessionEnding.Kicked, [], []);
            // A draining session ends by itself when its last response has ended (S2).
            case AnnounceResult.Refused:
                return new AnnounceReply<TObserver>(outcome.Result, held.Retiring ? null : SessionEnding.Displaced, [], []);
        }
        _observers[held.Session] = held.Observer;
        var notices = Displaced(outcome.Superseded);
        // Of a session that was asked to go: the notice that it has a successor may have been lost.
        if (outcome.Result == AnnounceResult.Taken || held.Retiring)
        {
            AddSucceeded(notices);
        }

        return new AnnounceReply<TObserver>(outcome.Result, null, outcome.Superseded, notices);
    }

    /// <summary>Removes a session that has ended, and no other, however late the report arrives.</summary>
    public void Disconnect(SessionId session)
    {
        KnowsAnybody = true;
        Gone(session);
    }

    /// <summary>
    /// Removes a session that its front door, when it was sent a request for it, did not hold. Says nothing about whether it was ever
    /// known.
    /// </summary>
    public void Gone(SessionId session)
    {
        _table.Disconnect(session);
        ForgetObservers();
    }

    /// <summary>A front door is gone, and its sessions with it.</summary>
    public void FrontDoorGone(ushort frontDoor)
    {
        _table.DropFrontDoor(frontDoor);
        ForgetObservers();
    }

    /// <summary>Somebody wants the agent to leave.</summary>
    public IReadOnlyList<SessionNotice<TObserver>> Kick()
    {
        var notices = _table.Kick().Select(entry => Notice(entry, SessionEnding.Kicked)).ToArray();
        ForgetObservers();
        return notices;
    }

    /// <summary>Marks a session that was sent <c>go_away draining</c>.</summary>
    public IReadOnlyList<SessionNotice<TObserver>> Retire(SessionId session)
    {
        var notices = new List<SessionNotice<TObserver>>();
        if (_table.Retire(session))
        {
            AddSucceeded(notices);
        }

        return notices;
    }

    /// <summary>Returns the sessions that a new request may go to, newest first.</summary>
    public IReadOnlyList<KnownSession<TObserver>> Route() => WithObservers(_table.Candidates());

    /// <summary>Returns all sessions, oldest first.</summary>
    public IReadOnlyList<KnownSession<TObserver>> All() => WithObservers(_table.Entries);

    /// <summary>Returns the front doors that hold a session, each once.</summary>
    public IReadOnlyList<TObserver> Observers() => [.. _observers.Values.Distinct()];

    private KnownSession<TObserver>[] WithObservers(IReadOnlyList<SessionEntry> entries) =>
        [.. entries.Select(entry => new KnownSession<TObserver>(entry, _observers[entry.Session]))];

    private List<SessionNotice<TObserver>> Displaced(IEnumerable<SessionEntry> entries)
    {
        List<SessionNotice<TObserver>> notices = [.. entries.Select(entry => Notice(entry, SessionEnding.Displaced))];
        ForgetObservers();
        return notices;
    }

    // A draining session goes on taking requests until its agent is connected elsewhere (S2). The notice is repeated with each change and
    // nothing depends on it: its own front door stops when its drain ends.
    private void AddSucceeded(List<SessionNotice<TObserver>> notices)
    {
        if (_table.Route() is { Retiring: false })
        {
            notices.AddRange(_table.Entries.Where(entry => entry.Retiring).Select(entry => Notice(entry, SessionEnding.Succeeded)));
        }
    }

    private SessionNotice<TObserver> Notice(SessionEntry entry, SessionEnding ending) => new(_observers[entry.Session], entry.Session, ending);

    private void ForgetObservers()
    {
        if (_observers.Count == 0)
        {
            return;
        }

        var known = _table.Entries.Select(entry => entry.Session).ToHashSet();
        foreach (var session in _observers.Keys.Where(session => !known.Contains(session)).ToArray())
        {
            _observers.Remove(session);
        }
    }
}
