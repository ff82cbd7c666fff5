namespace Switchboard.Core.Agents;

/// <summary>Holds the sessions of one agent and decides which of them a request may go to.</summary>
/// <remarks>
/// Not thread-safe: an agent's grain turns are its lock. The invariants are in README.md beside this file. It must survive that calls about
/// one session overtake those about another (a disconnect of the old one arrives after the connect of the new one), and that the whole
/// table is lost at any moment and refilled by announces in any order.
/// </remarks>
public sealed class SessionTable
{
    /// <summary>The minimum number of tombstones that a table keeps, to recognize late calls about ended sessions.</summary>
    public const int MinTombstones = 32;

    // By connect number, oldest first. Nearly always one or two entries, so that a list is fastest.
    private readonly List<SessionEntry> _entries = [];
    private readonly int _capacity;
    private readonly SessionPolicy _policy;

    // The sessions that ended last. Ids are never reused, so any call about one of these is late.
    private readonly Queue<Tombstone> _tombstones = new();
    private long _lastNumber;

    /// <summary>Initializes an empty table, as in a fresh activation.</summary>
    /// <param name="capacity">The maximum number of entries, retiring ones included; at least 1.</param>
    /// <param name="policy">What a new session does to the existing ones.</param>
    public SessionTable(int capacity, SessionPolicy policy = SessionPolicy.Latest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _policy = policy;
    }

    /// <summary>Returns all entries, oldest first; the list does not change later.</summary>
    public IReadOnlyList<SessionEntry> Entries => [.. _entries];

    /// <summary>Connects a session. Under <c>latest</c> it displaces every one that is not retiring.</summary>
    /// <param name="session">The session; one that the table knows already gets its number again and displaces nobody.</param>
    /// <param name="frontDoor">The number of the front door that holds its connection.</param>
    /// <param name="clockMs">The wall clock, in milliseconds since 1970; makes numbers grow across lost activations.</param>
    /// <remarks>
    /// A table full of retiring sessions displaces the oldest of them, which is about to end anyway. Only a pool full of sessions that all
    /// take requests refuses. Displacing one of those would not help: it would come back and displace the next, for ever and at the cost of
    /// what each was doing, whereas a refused newcomer disturbs no session and reports the cause. A session whose end was reported before
    /// its connect arrives gets a number and no entry (its front door stopped waiting for the connect).
    /// </remarks>
    public ConnectOutcome Connect(SessionId session, ushort frontDoor, long clockMs)
    {
        if (Find(session) is { } known)
        {
            return new ConnectOutcome(known.ConnectNumber, []);
        }

        if (!HasRoom && TombstoneOf(session) is null)
        {
            return new ConnectOutcome(0, []) { Refused = true };
        }

        _lastNumber = checked(Math.Max(_lastNumber, clockMs) + 1);
        if (TombstoneOf(session) is not null)
        {
            return new ConnectOutcome(_lastNumber, []);
        }

        var entry = new SessionEntry { Session = session, FrontDoor = frontDoor, ConnectNumber = _lastNumber };
        return new ConnectOutcome(_lastNumber, TakeOver(entry));
    }

    /// <summary>Returns whether a connect of this session would displace one that takes requests.</summary>
    public bool WouldDisplace(SessionId session) => _policy == SessionPolicy.Latest
        && Newest() is not null && Find(session) is null && TombstoneOf(session) is null;

    /// <summary>Takes the announcement of a session that is not retiring. As the overload with <c>retiring</c>.</summary>
    public AnnounceOutcome Announce(SessionId session, ushort frontDoor, long connectNumber) =>
        Announce(session, frontDoor, connectNumber, retiring: false);

    /// <summary>
    /// Takes the announcement of a session by the front door that holds it. Never displaces a newer one; in a pool, none that takes
    /// requests.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="frontDoor">The number of the front door that holds its connection.</param>
    /// <param name="connectNumber">The number that its connect gave; one below 1 was never given and is refused.</param>
    /// <param name="retiring">
    /// Whether it was sent <c>go_away draining</c>. Such a session is taken whatever its number, while there is room: after a lost
    /// activation it would otherwise be refused because of its successor, and its responses under way cut.
    /// </param>
    public AnnounceOutcome Announce(SessionId session, ushort frontDoor, long connectNumber, bool retiring)
    {
        // Its own end overtook it: connect s, disconnect s, and an announce of s that was sent before and arrives after.
        if (connectNumber < 1)
        {
            return new AnnounceOutcome(AnnounceResult.Refused, []);
        }
        // Counted whatever the outcome: a later connect gets a greater number.
        var lastNumber = _lastNumber;
        _lastNumber = Math.Max(_lastNumber, connectNumber);
        if (TombstoneOf(session) is { } tombstone)
        {
            return new AnnounceOutcome(tombstone.Kicked ? AnnounceResult.Kicked : AnnounceResult.Refused, []);
        }

        if (Find(session) is { } known)
        {
            _entries.Remove(known);
            var number = Math.Max(known.ConnectNumber, connectNumber);
            Insert(known with { FrontDoor = frontDoor, ConnectNumber = number, Retiring = known.Retiring || retiring });
            return new AnnounceOutcome(AnnounceResult.Refreshed, []);
        }
        var entry = new SessionEntry { Session = session, FrontDoor = frontDoor, ConnectNumber = connectNumber, Retiring = retiring };
        if (retiring ? _entries.Count == _capacity : IsSuperseded(entry, lastNumber))
        {
            return new AnnounceOutcome(AnnounceResult.Refused, []);
        }

        if (!retiring)
        {
            return HasRoom ? new AnnounceOutcome(AnnounceResult.Taken, TakeOver(entry)) : new AnnounceOutcome(AnnounceResult.NoRoom, []);
        }
        // It superseded older ones before it was asked to go. Connect s1, connect s2 (the notice to s1 is lost), s2 is asked to go, the
        // activation is lost, announce s1, announce s2: s1 must not become current again by that.
        var superseded = _policy == SessionPolicy.Latest
            ? TakeOut(known => !known.Retiring && known.ConnectNumber < connectNumber)
            : [];
        Insert(entry);
        return new AnnounceOutcome(AnnounceResult.Taken, superseded);
    }

    /// <summary>Removes a session that has ended, and no other, however late the report arrives; false if it was not there.</summary>
    public bool Disconnect(SessionId session)
    {
        // Seeds W1: connect s1, connect s2 (s1 displaced), then the end of s1's call is reported. Only the comparison of sessions keeps s2
        // reachable here; "the agent has disconnected" would remove whatever is current.
        Remember(new Tombstone(session, Kicked: false));
        return Find(session) is { } entry && _entries.Remove(entry);
    }

    /// <summary>Kicks the agent: empties the table and returns its entries, oldest first.</summary>
    /// <remarks>
    /// An announce that was sent before the kick and arrives after it gets the reply "kicked", so that the agent gets one reason whichever
    /// of the two its front door receives first.
    /// </remarks>
    public IReadOnlyList<SessionEntry> Kick()
    {
        foreach (var entry in _entries)
        {
            Remember(new Tombstone(entry.Session, Kicked: true));
        }

        return TakeOut(_ => true);
    }

    /// <summary>Marks a session that was sent <c>go_away draining</c>; false if it is not there. Idempotent.</summary>
    public bool Retire(SessionId session)
    {
        var at = _entries.FindIndex(entry => entry.Session == session);
        if (at < 0)
        {
            return false;
        }

        _entries[at] = _entries[at] with { Retiring = true };
        return true;
    }

    /// <summary>Removes the sessions of a front door that is gone, and returns their entries.</summary>
    /// <remarks>If it was only slow, its sessions return with their next announce: no tombstones are kept of them.</remarks>
    public IReadOnlyList<SessionEntry> DropFrontDoor(ushort frontDoor) => TakeOut(entry => entry.FrontDoor == frontDoor);

    /// <summary>
    /// Returns the sessions that a new request may go to, newest first: under <c>latest</c> at most one, in a pool each that takes
    /// requests.
    /// </summary>
    /// <remarks>
    /// A retiring session is returned only while there is no other: its agent was asked to connect elsewhere and has not done so yet, and
    /// treating it as offline would fail requests that it can still serve (S2).
    /// </remarks>
    public IReadOnlyList<SessionEntry> Candidates()
    {
        var retiring = Newest() is null;
        var candidates = _entries.Where(entry => entry.Retiring == retiring).Reverse();
        return [.. _policy == SessionPolicy.Latest ? candidates.Take(1) : candidates];
    }

    /// <summary>Returns the newest of <see cref="Candidates"/>, or null.</summary>
    public SessionEntry? Route() => Newest() ?? _entries.LastOrDefault();

    // A retiring session makes room, whatever the policy; under `latest` so does every other.
    private bool HasRoom => _policy == SessionPolicy.Latest || _entries.Count < _capacity || _entries.Exists(entry => entry.Retiring);

    private SessionEntry? Newest() => _entries.FindLast(entry => !entry.Retiring);

    // A lower number than one that is or was known: a later connect displaced it. An equal one (two activations lost within one
    // millisecond): an announce must not displace. In a pool no session displaces another.
    private bool IsSuperseded(SessionEntry entry, long lastNumber) => _policy == SessionPolicy.Latest
        && (entry.ConnectNumber < lastNumber || Newest() is { } newest && newest.ConnectNumber >= entry.ConnectNumber);

    private List<SessionEntry> TakeOver(SessionEntry entry)
    {
        var displaced = _policy == SessionPolicy.Latest ? TakeOut(known => !known.Retiring) : [];
        if (_entries.Count == _capacity)
        {
            var oldest = _entries.Find(known => known.Retiring)!;
            displaced.Insert(0, oldest);
            _entries.Remove(oldest);
        }
        Insert(entry);
        return displaced;
    }

    private Tombstone? TombstoneOf(SessionId session)
    {
        foreach (var tombstone in _tombstones)
        {
            if (tombstone.Session == session)
            {
                return tombstone;
            }
        }
        return null;
    }

    private void Remember(Tombstone tombstone)
    {
        // The first tombstone stays: a kicked session ends, and its disconnect follows.
        if (TombstoneOf(tombstone.Session) is not null)
        {
            return;
        }
        // Twice the number of sessions: a kick of all of them must not evict its own first tombstones.
        if (_tombstones.Count == Math.Max(MinTombstones, 2 * _capacity))
        {
            _tombstones.Dequeue();
        }

        _tombstones.Enqueue(tombstone);
    }

    private SessionEntry? Find(SessionId session) => _entries.Find(entry => entry.Session == session);

    private void Insert(SessionEntry entry)
    {
        var at = _entries.Count;
        while (at > 0 && _entries[at - 1].ConnectNumber > entry.ConnectNumber)
        {
            at--;
        }

        _entries.Insert(at, entry);
    }

    private List<SessionEntry> TakeOut(Predicate<SessionEntry> which)
    {
        var taken = _entries.FindAll(which);
        _entries.RemoveAll(which);
        return taken;
    }

    private readonly record struct Tombstone(SessionId Session, bool Kicked);
}
