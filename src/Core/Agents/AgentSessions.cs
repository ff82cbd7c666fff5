namespace Switchboard.Core.Agents;

/// <summary>
/// Decides everything about one agent's sessions: a <see cref="SessionTable"/>, how to reach the front door of each session in it, and who
/// has to be told what. It is lost with the grain's activation and made anew with <see cref="Restore"/>.
/// </summary>
/// <remarks>
/// Not thread-safe: an agent's grain turns are its lock. It tells nobody anything: the notices in an outcome are for the grain to send, in
/// any order and without waiting. A notice may be lost: the front door then hears the same with its next announce, or with the next
/// request that it refuses.
/// </remarks>
/// <typeparam name="TLane">How a front door is reached.</typeparam>
public sealed class AgentSessions<TLane>
    where TLane : class
{
    private readonly SessionTable _table;
    private readonly DisplacementBudget _displacements;

    // How to reach the front door of each session in the table; holds no other keys.
    private readonly Dictionary<SessionId, TLane> _lanes = [];

    /// <summary>Nobody is known, as in a fresh activation.</summary>
    /// <param name="policy">What a new session means to those that are there.</param>
    /// <param name="capacity">The most sessions, retiring ones included; at least 1.</param>
    /// <param name="displacements">How often sessions may displace one another.</param>
    public AgentSessions(SessionPolicy policy, int capacity, DisplacementBudget displacements)
    {
        Policy = policy;
        _table = new SessionTable(capacity, policy);
        _displacements = displacements;
    }

    /// <summary>What a new session means to those that are there.</summary>
    public SessionPolicy Policy { get; }

    /// <summary>
    /// Was a session ever heard of here? An activation that never did may go at once: whoever guesses ids must not fill a silo with
    /// activations (R5). One that did keeps what it must remember of those that are over.
    /// </summary>
    public bool KnowsAnybody { get; private set; }

    /// <summary>How many sessions there are.</summary>
    public int Count => _table.Entries.Count;

    /// <summary>Does any session take requests?</summary>
    public bool IsOnline => _table.Route() is not null;

    /// <summary>Takes what the front doors said that they hold, when they were asked by a fresh activation.</summary>
    /// <param name="held">What they said, in any order.</param>
    /// <returns>Who is to be told that its session is over.</returns>
    public IReadOnlyList<SessionNotice<TLane>> Restore(IEnumerable<HeldSession<TLane>> held)
    {
        var notices = new List<SessionNotice<TLane>>();
        // Oldest first. Where two front doors hold one session each (the displaced one has not been told yet), the newer wins, and
        // what drains is known before the session that takes its place.
        foreach (HeldSession<TLane> session in held.OrderBy(h => h.ConnectNumber))
        {
            AnnounceReply<TLane> reply = Announce(session);
            notices.AddRange(reply.Notices);
            if (reply.Ending is { } ending)
                notices.Add(new SessionNotice<TLane>(session.Lane, session.Session, ending));
        }
        return notices;
    }

    /// <summary>A session has connected.</summary>
    /// <param name="session">The session.</param>
    /// <param name="frontDoor">Who holds its connection.</param>
    /// <param name="lane">How to reach that one.</param>
    /// <param name="now">The time.</param>
    /// <param name="clockMs">The wall clock, in milliseconds since 1970.</param>
    public ConnectReply<TLane> Connect(SessionId session, ushort frontDoor, TLane lane, TimeSpan now, long clockMs)
    {
        KnowsAnybody = true;
        if (_table.WouldDisplace(session) && _displacements.Take(now) is { } wait)
            return new ConnectReply<TLane>(ConnectDecision.Wait) { Wait = wait, IsNews = _displacements.IsNews() };
        ConnectOutcome outcome = _table.Connect(session, frontDoor, clockMs);
        if (outcome.Refused)
            return new ConnectReply<TLane>(ConnectDecision.PoolFull);
        _lanes[session] = lane;
        // The connecting front door reads in the reply of those that it holds itself.
        var notices = Displaced(outcome.Displaced.Where(entry => entry.FrontDoor != frontDoor));
        AddSucceeded(notices);
        return new ConnectReply<TLane>(ConnectDecision.Connected)
        {
            ConnectNumber = outcome.ConnectNumber,
            Displaced = outcome.Displaced,
            Notices = notices,
        };
    }

    /// <summary>A front door says that it holds a session.</summary>
    public AnnounceReply<TLane> Announce(HeldSession<TLane> held)
    {
        // Its connect is on the way to this grain and will be a turn of its own; until then there is nothing to keep.
        if (held.ConnectNumber == 0)
            return new AnnounceReply<TLane>(AnnounceResult.Refused, null, [], []);
        KnowsAnybody = true;
        AnnounceOutcome outcome = _table.Announce(held.Session, held.FrontDoor, held.ConnectNumber, held.Retiring);
        switch (outcome.Result)
        {
            // Without room it goes as one that was kicked does: to come back later. Called displaced, it would not.
            case AnnounceResult.Kicked or AnnounceResult.NoRoom:
                return new AnnounceReply<TLane>(outcome.Result, SessionEnding.Kicked, [], []);
            // One that drains ends by itself, when what it is still answering is answered (S2).
            case AnnounceResult.Refused:
                return new AnnounceReply<TLane>(outcome.Result, held.Retiring ? null : SessionEnding.Displaced, [], []);
        }
        _lanes[held.Session] = held.Lane;
        var notices = Displaced(outcome.Superseded);
        if (outcome.Result == AnnounceResult.Taken)
            AddSucceeded(notices);
        return new AnnounceReply<TLane>(outcome.Result, null, outcome.Superseded, notices);
    }

    /// <summary>A session has ended. Removes that one and no other, however late it comes.</summary>
    public void Disconnect(SessionId session)
    {
        KnowsAnybody = true;
        Gone(session);
    }

    /// <summary>A front door was sent a request for a session that it does not hold. Says nothing about whether one was ever known.</summary>
    public void Gone(SessionId session)
    {
        _table.Disconnect(session);
        ForgetLanes();
    }

    /// <summary>Somebody wants the agent to leave.</summary>
    public IReadOnlyList<SessionNotice<TLane>> Kick()
    {
        var notices = _table.Kick().Select(entry => Notice(entry, SessionEnding.Kicked)).ToArray();
        ForgetLanes();
        return notices;
    }

    /// <summary>A session was told <c>go_away draining</c>.</summary>
    public IReadOnlyList<SessionNotice<TLane>> Retire(SessionId session)
    {
        var notices = new List<SessionNotice<TLane>>();
        if (_table.Retire(session))
            AddSucceeded(notices);
        return notices;
    }

    /// <summary>Where a new request may go, newest first.</summary>
    public IReadOnlyList<KnownSession<TLane>> Route() => WithLanes(_table.Candidates());

    /// <summary>All sessions, oldest first.</summary>
    public IReadOnlyList<KnownSession<TLane>> All() => WithLanes(_table.Entries);

    /// <summary>The front doors that hold any session, each once.</summary>
    public IReadOnlyList<TLane> Lanes() => [.. _lanes.Values.Distinct()];

    private KnownSession<TLane>[] WithLanes(IReadOnlyList<SessionEntry> entries) =>
        [.. entries.Select(entry => new KnownSession<TLane>(entry, _lanes[entry.Session]))];

    private List<SessionNotice<TLane>> Displaced(IEnumerable<SessionEntry> entries)
    {
        List<SessionNotice<TLane>> notices = [.. entries.Select(entry => Notice(entry, SessionEnding.Displaced))];
        ForgetLanes();
        return notices;
    }

    // A session that drains goes on taking requests until its agent is connected elsewhere (PEERS 1.12). Said again with each change,
    // and nothing depends on it: its own front door stops when its drain ends.
    private void AddSucceeded(List<SessionNotice<TLane>> notices)
    {
        if (_table.Route() is { Retiring: false })
            notices.AddRange(_table.Entries.Where(entry => entry.Retiring).Select(entry => Notice(entry, SessionEnding.Succeeded)));
    }

    private SessionNotice<TLane> Notice(SessionEntry entry, SessionEnding ending) => new(_lanes[entry.Session], entry.Session, ending);

    private void ForgetLanes()
    {
        if (_lanes.Count == 0)
            return;
        var known = _table.Entries.Select(entry => entry.Session).ToHashSet();
        foreach (SessionId session in _lanes.Keys.Where(session => !known.Contains(session)).ToArray())
            _lanes.Remove(session);
    }
}
