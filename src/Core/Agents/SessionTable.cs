namespace Switchboard.Core.Agents;

/// <summary>The sessions of one agent: who is connected, and which of them a request may go to.</summary>
/// <remarks>
/// Not thread-safe: an agent's grain turns are its lock. The invariants are in README.md beside this file. What it must
/// survive is that calls about one session overtake those about another (a disconnect of the old one arrives after the
/// connect of the new one), and that the whole table is lost at any moment and refilled by announces in any order.
/// </remarks>
public sealed class SessionTable
{
    /// <summary>How many ended sessions a table remembers at least, to know what is said of them for late.</summary>
    public const int RememberedGoodbyes = 32;

    // By connect number, oldest first. Nearly always one or two long, so that a list beats any cleverer structure.
    private readonly List<SessionEntry> _entries = [];
    private readonly int _capacity;
    private readonly SessionPolicy _policy;

    // The sessions that ended last. Ids are never used twice, so that whatever is said of one of these is late.
    private readonly Queue<Goodbye> _goodbyes = new();
    private long _lastNumber;

    /// <summary>An empty table, as a fresh activation has it.</summary>
    /// <param name="capacity">The most entries that it holds, retiring ones included; at least 1.</param>
    /// <param name="policy">What a new session means to those that are there.</param>
    public SessionTable(int capacity, SessionPolicy policy = SessionPolicy.Latest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _policy = policy;
    }

    /// <summary>All entries, oldest first, as they are now; the list does not change later.</summary>
    public IReadOnlyList<SessionEntry> Entries => [.. _entries];

    /// <summary>A session has connected. Under <c>latest</c> it displaces every one that is not retiring.</summary>
    /// <param name="session">The session; one that the table knows already gets its number again and displaces nobody.</param>
    /// <param name="frontDoor">Who holds its connection.</param>
    /// <param name="clockMs">The wall clock, in milliseconds since 1970: makes numbers grow over a lost activation.</param>
    /// <remarks>
    /// A table full of retiring sessions displaces the oldest of them: it is on its way out. Only a pool full of sessions that all
    /// take requests refuses. To displace one of those would help nobody: it would come back and displace the next, for ever and at
    /// the cost of what each was doing, where a newcomer that is refused disturbs nobody and says what is wrong.
    /// A session whose end was reported before its connect arrives gets a number and no entry (its front door stopped waiting for
    /// the connect).
    /// </remarks>
    public ConnectOutcome Connect(SessionId session, ushort frontDoor, long clockMs)
    {
        if (Find(session) is { } known)
            return new ConnectOutcome(known.ConnectNumber, []);
        if (!HasRoom && GoodbyeOf(session) is null)
            return new ConnectOutcome(0, []) { Refused = true };
        _lastNumber = checked(Math.Max(_lastNumber, clockMs) + 1);
        if (GoodbyeOf(session) is not null)
            return new ConnectOutcome(_lastNumber, []);
        var entry = new SessionEntry { Session = session, FrontDoor = frontDoor, ConnectNumber = _lastNumber };
        return new ConnectOutcome(_lastNumber, TakeOver(entry));
    }

    /// <summary>Would a connect of this session displace one that takes requests?</summary>
    public bool WouldDisplace(SessionId session) => _policy == SessionPolicy.Latest
        && Newest() is not null && Find(session) is null && GoodbyeOf(session) is null;

    /// <summary>A front door says that it holds a session which is not retiring. As the overload with <c>retiring</c>.</summary>
    public AnnounceOutcome Announce(SessionId session, ushort frontDoor, long connectNumber) =>
        Announce(session, frontDoor, connectNumber, retiring: false);

    /// <summary>A front door says that it holds a session. Never displaces a newer one; in a pool, none that takes requests.</summary>
    /// <param name="session">The session.</param>
    /// <param name="frontDoor">Who holds its connection.</param>
    /// <param name="connectNumber">The number that its connect gave; one below 1 was never given and is refused.</param>
    /// <param name="retiring">
    /// It was told <c>go_away draining</c>. Such a session is taken whatever its number, while there is room: after a lost
    /// activation it would else be refused by its successor, and what it is still answering cut.
    /// </param>
    public AnnounceOutcome Announce(SessionId session, ushort frontDoor, long connectNumber, bool retiring)
    {
        // Its own goodbye overtook it: connect s, disconnect s, and an announce of s that was sent before and comes after.
        if (connectNumber < 1)
            return new AnnounceOutcome(AnnounceResult.Refused, []);
        // Whatever becomes of it, its number was heard: a later connect gets a greater one.
        long lastNumber = _lastNumber;
        _lastNumber = Math.Max(_lastNumber, connectNumber);
        if (GoodbyeOf(session) is { } goodbye)
            return new AnnounceOutcome(goodbye.Kicked ? AnnounceResult.Kicked : AnnounceResult.Refused, []);
        if (Find(session) is { } known)
        {
            _entries.Remove(known);
            long number = Math.Max(known.ConnectNumber, connectNumber);
            Insert(known with { FrontDoor = frontDoor, ConnectNumber = number, Retiring = known.Retiring || retiring });
            return new AnnounceOutcome(AnnounceResult.Refreshed, []);
        }
        var entry = new SessionEntry { Session = session, FrontDoor = frontDoor, ConnectNumber = connectNumber, Retiring = retiring };
        if (retiring ? _entries.Count == _capacity : IsSuperseded(entry, lastNumber))
            return new AnnounceOutcome(AnnounceResult.Refused, []);
        if (!retiring)
            return HasRoom ? new AnnounceOutcome(AnnounceResult.Taken, TakeOver(entry)) : new AnnounceOutcome(AnnounceResult.NoRoom, []);
        // It took the place of older ones before it was asked to go. Connect s1, connect s2 (s1 is not told that it is displaced), s2 is
        // asked to go, the activation is lost, announce s1, announce s2: s1 must not come back to life by that.
        List<SessionEntry> superseded = _policy == SessionPolicy.Latest
            ? TakeOut(known => !known.Retiring && known.ConnectNumber < connectNumber)
            : [];
        Insert(entry);
        return new AnnounceOutcome(AnnounceResult.Taken, superseded);
    }

    /// <summary>A session has ended. Removes that one and no other, however late it comes; false if it was not there.</summary>
    public bool Disconnect(SessionId session)
    {
        // Seeds W1: connect s1, connect s2 (s1 displaced), then the end of s1's call is reported. Only the comparison of
        // sessions keeps s2 reachable here; "the agent has disconnected" would remove whatever is current.
        Remember(new Goodbye(session, Kicked: false));
        return Find(session) is { } entry && _entries.Remove(entry);
    }

    /// <summary>Somebody wants the agent to leave. Empties the table and gives back who was in it, oldest first.</summary>
    /// <remarks>
    /// An announce that was sent before the kick and comes after it is answered with the kick, so that the agent hears one reason
    /// whichever of the two its front door is told first.
    /// </remarks>
    public IReadOnlyList<SessionEntry> Kick()
    {
        foreach (SessionEntry entry in _entries)
            Remember(new Goodbye(entry.Session, Kicked: true));
        return TakeOut(_ => true);
    }

    /// <summary>A session was told <c>go_away draining</c>; false if it is not there. Doing it twice changes nothing.</summary>
    public bool Retire(SessionId session)
    {
        int at = _entries.FindIndex(entry => entry.Session == session);
        if (at < 0)
            return false;
        _entries[at] = _entries[at] with { Retiring = true };
        return true;
    }

    /// <summary>A front door is gone, with every connection that it held. Gives back the entries that left.</summary>
    /// <remarks>If it was only slow, its sessions come back with their next announce: this is no goodbye of theirs.</remarks>
    public IReadOnlyList<SessionEntry> DropFrontDoor(ushort frontDoor) => TakeOut(entry => entry.FrontDoor == frontDoor);

    /// <summary>Where a new request may go, newest first: under <c>latest</c> one session or none, in a pool each that takes requests.</summary>
    /// <remarks>
    /// A retiring session is named only while there is no other: its agent was asked to connect elsewhere and has not done so yet, and
    /// until then calling it offline would fail requests that it can well answer (PEERS 1.12).
    /// </remarks>
    public IReadOnlyList<SessionEntry> Candidates()
    {
        bool retiring = Newest() is null;
        IEnumerable<SessionEntry> candidates = _entries.Where(entry => entry.Retiring == retiring).Reverse();
        return [.. _policy == SessionPolicy.Latest ? candidates.Take(1) : candidates];
    }

    /// <summary>The newest of <see cref="Candidates"/>, or null.</summary>
    public SessionEntry? Route() => Newest() ?? _entries.LastOrDefault();

    // A retiring session makes room, whatever the policy; under `latest` so does every other.
    private bool HasRoom => _policy == SessionPolicy.Latest || _entries.Count < _capacity || _entries.Exists(entry => entry.Retiring);

    private SessionEntry? Newest() => _entries.FindLast(entry => !entry.Retiring);

    // A lower number than one that is or was known: a later connect displaced it. An equal one (two activations lost within
    // one millisecond): an announce must not displace. In a pool nobody takes anybody's place.
    private bool IsSuperseded(SessionEntry entry, long lastNumber) => _policy == SessionPolicy.Latest
        && (entry.ConnectNumber < lastNumber || Newest() is { } newest && newest.ConnectNumber >= entry.ConnectNumber);

    private List<SessionEntry> TakeOver(SessionEntry entry)
    {
        List<SessionEntry> displaced = _policy == SessionPolicy.Latest ? TakeOut(known => !known.Retiring) : [];
        if (_entries.Count == _capacity)
        {
            SessionEntry oldest = _entries.Find(known => known.Retiring)!;
            displaced.Insert(0, oldest);
            _entries.Remove(oldest);
        }
        Insert(entry);
        return displaced;
    }

    private Goodbye? GoodbyeOf(SessionId session)
    {
        foreach (Goodbye goodbye in _goodbyes)
        {
            if (goodbye.Session == session)
                return goodbye;
        }
        return null;
    }

    private void Remember(Goodbye goodbye)
    {
        // The first word stands: a session that was kicked ends, and its disconnect follows.
        if (GoodbyeOf(goodbye.Session) is not null)
            return;
        // Twice as many as there are sessions: a kick of all of them must not push out its own first words.
        if (_goodbyes.Count == Math.Max(RememberedGoodbyes, 2 * _capacity))
            _goodbyes.Dequeue();
        _goodbyes.Enqueue(goodbye);
    }

    private SessionEntry? Find(SessionId session) => _entries.Find(entry => entry.Session == session);

    private void Insert(SessionEntry entry)
    {
        int at = _entries.Count;
        while (at > 0 && _entries[at - 1].ConnectNumber > entry.ConnectNumber)
            at--;
        _entries.Insert(at, entry);
    }

    private List<SessionEntry> TakeOut(Predicate<SessionEntry> which)
    {
        List<SessionEntry> taken = _entries.FindAll(which);
        _entries.RemoveAll(which);
        return taken;
    }

    private readonly record struct Goodbye(SessionId Session, bool Kicked);
}
