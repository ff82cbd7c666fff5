namespace Switchboard.Api.Requests;

/// <summary>Something that wants to be looked at at a time. Part of at most one wheel.</summary>
internal abstract class WheelEntry
{
    /// <summary>Guarded by the wheel's lock.</summary>
    internal WheelEntry? Previous, Next;

    /// <summary>Guarded by the wheel's lock; -1: not in the wheel.</summary>
    internal int Slot = -1;

    /// <summary>Guarded by the wheel's lock.</summary>
    internal TimeSpan Due;

    /// <summary>Guarded by the wheel's lock: it never goes into the wheel again.</summary>
    internal bool Closed;

    /// <summary>
    /// Called once the time is there, on the timer's thread and without the wheel's lock. Must not wait.
    /// May come after the entry was removed (the timer had taken it just before).
    /// </summary>
    /// <returns>When to look again; null: never.</returns>
    protected internal abstract TimeSpan? OnDue(TimeSpan now);
}

/// <summary>
/// Every deadline of this process on one timer (A12: a timer per wait kept 416 bytes of each request for seconds after its end).
/// A ring of slots of <see cref="Tick"/> each; adding and removing are a few pointer writes and allocate nothing. An entry fires up to
/// two ticks late, never early. An entry whose time is more than one turn of the ring away is passed by, and looked at again.
/// </summary>
internal sealed class DeadlineWheel : IDisposable
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private const int Slots = 4096;
    private readonly Lock _gate = new();
    private readonly WheelEntry?[] _slots = new WheelEntry?[Slots];
    private readonly List<WheelEntry> _due = [];
    private readonly GatewayClock _clock;
    private readonly ITimer _timer;
    private long _passed;
    private int _count;
    private bool _ticking;
    private bool _turning;

    public DeadlineWheel(GatewayClock clock)
    {
        _clock = clock;
        // The timer lives as long as the process: what AsyncLocals happen to be set now must not live as long.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.Time.CreateTimer(static wheel => ((DeadlineWheel)wheel!).Turn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Entries in the wheel.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    public void Add(WheelEntry entry, TimeSpan due)
    {
        lock (_gate)
        {
            if (entry.Closed)
                return;
            if (entry.Slot >= 0)
                Unlink(entry);
            Link(entry, due);
            if (_ticking)
                return;
            // Only ever changed here and by a turn that found the wheel empty: a request costs no timer of its own.
            _ticking = true;
            _passed = TickOf(_clock.Now) - 1;
            _timer.Change(Tick, Tick);
        }
    }

    /// <summary>Takes it out for good: a turn that has just taken it, and would put it back, finds it closed.</summary>
    public void Remove(WheelEntry entry)
    {
        lock (_gate)
        {
            entry.Closed = true;
            if (entry.Slot >= 0)
                Unlink(entry);
        }
    }

    public void Dispose() => _timer.Dispose();

    private static long TickOf(TimeSpan time) => time.Ticks / Tick.Ticks;

    private void Turn()
    {
        lock (_gate)
        {
            // A turn that takes longer than a tick meets the next one here; that one's work is done by the turn after it.
            if (_turning)
                return;
            _turning = true;
            TakeDue(_clock.Now);
            if (_count == 0 && _due.Count == 0)
            {
                _ticking = false;
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
        foreach (WheelEntry entry in _due)
        {
            if (entry.OnDue(_clock.Now) is { } again)
                AddAgain(entry, again);
        }
        lock (_gate)
        {
            _due.Clear();
            _turning = false;
        }
    }

    // An entry that is added elsewhere while its OnDue runs keeps the earlier of the two times.
    private void AddAgain(WheelEntry entry, TimeSpan due)
    {
        lock (_gate)
        {
            if (entry.Slot >= 0 && entry.Due <= due)
                return;
        }
        Add(entry, due);
    }

    private void TakeDue(TimeSpan now)
    {
        long current = TickOf(now);
        // The clock may have jumped by more than a turn of the ring: then every slot is looked at once.
        long first = Math.Max(_passed + 1, current - Slots + 1);
        for (long tick = first; tick <= current; tick++)
        {
            for (WheelEntry? entry = _slots[tick % Slots]; entry is not null;)
            {
                WheelEntry? next = entry.Next;
                if (entry.Due <= now)
                {
                    Unlink(entry);
                    _due.Add(entry);
                }
                entry = next;
            }
        }
        // The current slot is looked at again by the next turn: entries of it may fall due within this tick.
        _passed = current - 1;
    }

    private void Link(WheelEntry entry, TimeSpan due)
    {
        // What is due already goes where the next turn looks.
        long tick = Math.Max(TickOf(due), _ticking ? _passed + 1 : TickOf(_clock.Now));
        int slot = (int)(tick % Slots);
        entry.Due = due;
        entry.Slot = slot;
        entry.Previous = null;
        entry.Next = _slots[slot];
        if (entry.Next is not null)
            entry.Next.Previous = entry;
        _slots[slot] = entry;
        _count++;
    }

    private void Unlink(WheelEntry entry)
    {
        if (entry.Previous is null)
            _slots[entry.Slot] = entry.Next;
        else
            entry.Previous.Next = entry.Next;
        if (entry.Next is not null)
            entry.Next.Previous = entry.Previous;
        entry.Previous = entry.Next = null;
        entry.Slot = -1;
        _count--;
    }
}
