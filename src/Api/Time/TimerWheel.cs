namespace Switchboard.Api.Time;

/// <summary>Represents an entry of a timer wheel, which is called at its due time. In at most one wheel.</summary>
internal abstract class TimerWheelEntry
{
    /// <summary>The neighbours in the slot; guarded by the wheel's lock.</summary>
    internal TimerWheelEntry? Previous, Next;

    /// <summary>The slot; guarded by the wheel's lock; -1: not in the wheel.</summary>
    internal int Slot = -1;

    /// <summary>The due time; guarded by the wheel's lock.</summary>
    internal TimeSpan Due;

    /// <summary>Whether it is never added to the wheel again; guarded by the wheel's lock.</summary>
    internal bool Closed;

    /// <summary>
    /// Called at the due time, on the timer's thread and without the wheel's lock. Must not wait. May be called after the entry was removed
    /// (the timer had taken it just before).
    /// </summary>
    /// <returns>The next due time; null: none.</returns>
    protected internal abstract TimeSpan? OnDue(TimeSpan now);
}

/// <summary>
/// Runs every deadline of this process on one timer (A12: a timer per wait kept 416 bytes of each request for seconds after its end). A
/// ring of slots of <see cref="Tick"/> each; adding and removing are a few pointer writes and allocate nothing. An entry fires up to two
/// ticks late, never early. An entry that is due after more than one turn of the ring is skipped, and checked again with the next turn.
/// </summary>
internal sealed class TimerWheel : IDisposable
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private const int Slots = 4096;
    private readonly Lock _gate = new();
    private readonly TimerWheelEntry?[] _slots = new TimerWheelEntry?[Slots];
    private readonly List<TimerWheelEntry> _due = [];
    private readonly GatewayClock _clock;
    private readonly ITimer _timer;
    private long _passed;
    private int _count;
    private bool _ticking;
    private bool _turning;

    public TimerWheel(GatewayClock clock)
    {
        _clock = clock;
        // The timer lives as long as the process, which the current AsyncLocals must not.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.Time.CreateTimer(static wheel => ((TimerWheel)wheel!).Turn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The number of entries.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    public void Add(TimerWheelEntry entry, TimeSpan due)
    {
        lock (_gate)
        {
            if (entry.Closed)
            {
                return;
            }

            if (entry.Slot >= 0)
            {
                Unlink(entry);
            }

            Link(entry, due);
            if (_ticking)
            {
                return;
            }
            // Only ever changed here and by a turn that found the wheel empty: a request costs no timer of its own.
            _ticking = true;
            _passed = TickOf(_clock.Now) - 1;
            _timer.Change(Tick, Tick);
        }
    }

    /// <summary>Removes an entry for good: a turn that has just taken it, and would put it back, finds it closed.</summary>
    public void Remove(TimerWheelEntry entry)
    {
        lock (_gate)
        {
            entry.Closed = true;
            if (entry.Slot >= 0)
            {
                Unlink(entry);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private static long TickOf(TimeSpan time) => time.Ticks / Tick.Ticks;

    private void Turn()
    {
        lock (_gate)
        {
            // A turn that takes longer than a tick meets the next one here, whose work is done by the turn after it.
            if (_turning)
            {
                return;
            }

            _turning = true;
            TakeDue(_clock.Now);
            if (_count == 0 && _due.Count == 0)
            {
                _ticking = false;
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
        foreach (var entry in _due)
        {
            if (entry.OnDue(_clock.Now) is { } again)
            {
                AddAgain(entry, again);
            }
        }
        lock (_gate)
        {
            _due.Clear();
            _turning = false;
        }
    }

    // An entry that is added elsewhere while its OnDue runs keeps the earlier of the two times.
    private void AddAgain(TimerWheelEntry entry, TimeSpan due)
    {
        lock (_gate)
        {
            if (entry.Slot >= 0 && entry.Due <= due)
            {
                return;
            }
        }
        Add(entry, due);
    }

    private void TakeDue(TimeSpan now)
    {
        var current = TickOf(now);
        // The clock may have jumped by more than a turn of the ring: then every slot is checked once.
        var first = Math.Max(_passed + 1, current - Slots + 1);
        for (var tick = first; tick <= current; tick++)
        {
            for (var entry = _slots[tick % Slots]; entry is not null;)
            {
                var next = entry.Next;
                if (entry.Due <= now)
                {
                    Unlink(entry);
                    _due.Add(entry);
                }
                entry = next;
            }
        }
        // The current slot is checked again by the next turn: entries of it may fall due within this tick.
        _passed = current - 1;
    }

    private void Link(TimerWheelEntry entry, TimeSpan due)
    {
        // An entry that is due already is put into the slot that the next turn checks.
        var tick = Math.Max(TickOf(due), _ticking ? _passed + 1 : TickOf(_clock.Now));
        var slot = (int)(tick % Slots);
        entry.Due = due;
        entry.Slot = slot;
        entry.Previous = null;
        entry.Next = _slots[slot];
        if (entry.Next is not null)
        {
            entry.Next.Previous = entry;
        }

        _slots[slot] = entry;
        _count++;
    }

    private void Unlink(TimerWheelEntry entry)
    {
        if (entry.Previous is null)
        {
            _slots[entry.Slot] = entry.Next;
        }
        else
        {
            entry.Previous.Next = entry.Next;
        }

        if (entry.Next is not null)
        {
            entry.Next.Previous = entry.Previous;
        }

        entry.Previous = entry.Next = null;
        entry.Slot = -1;
        _count--;
    }
}
