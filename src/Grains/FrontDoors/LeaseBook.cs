using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Grains.FrontDoors;

/// <summary>
/// The rules by which front-door numbers are leased, over the state that is written down. Times of leases are by the monotonic clock, and
/// written down by the wall clock, so that a new activation goes on where the last one was lost.
/// </summary>
internal sealed class LeaseBook
{
    /// <summary>How long a number rests that was given back, or lapsed, before it is given out again: ids of its last holder find nobody.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromHours(1);

    /// <summary>How long a lease lasts at least once a registry has come up: whoever is alive renews within 5 s.</summary>
    public static readonly TimeSpan LeastAfterStart = TimeSpan.FromSeconds(8);

    /// <summary>How long a number that was given back or lapsed is named to front doors as gone: a few of their renewals.</summary>
    public static readonly TimeSpan GoneFor = TimeSpan.FromMinutes(1);

    private readonly FrontDoorRegistryState _state;
    private readonly TimeSpan _duration;
    private readonly Dictionary<ushort, TimeSpan> _lapsesAt = [];

    /// <param name="state">What was written down.</param>
    /// <param name="duration">How long a lease lasts.</param>
    /// <param name="now">The time by the monotonic clock.</param>
    /// <param name="wallNow">The time by the wall clock.</param>
    public LeaseBook(FrontDoorRegistryState state, TimeSpan duration, TimeSpan now, DateTimeOffset wallNow)
    {
        _state = state;
        _duration = duration;
        ChangedAt = now;
        foreach (var number in state.Leases.Keys)
        {
            // Written by another process's clock, perhaps; and nobody could renew while there was no registry.
            var left = state.LapsesAt.TryGetValue(number, out var at) ? at - wallNow : duration;
            _lapsesAt[number] = now + (left < LeastAfterStart ? LeastAfterStart : left > duration ? duration : left);
        }
    }

    /// <summary>
    /// When a number last changed hands; before it, when this book was opened. The start counts as a change: what came before is unknown.
    /// </summary>
    public TimeSpan ChangedAt { get; private set; }

    /// <summary>Takes out what has lapsed. Worth no write of its own: read again, it would only lapse again.</summary>
    public IReadOnlyList<FrontDoorLease> Lapse(TimeSpan now, DateTimeOffset wallNow)
    {
        var lapsed = _state.Leases.Values.Where(l => _lapsesAt[l.Number] <= now).ToArray();
        foreach (var lease in lapsed)
        {
            Remove(lease.Number, now, wallNow);
        }

        return lapsed;
    }

    /// <summary>
    /// Takes out the leases of front doors whose silos were declared dead. Worth no write of its own: whoever reads them again asks again
    /// who is dead.
    /// </summary>
    public IReadOnlyList<FrontDoorLease> Bury(Func<SiloAddress, bool> isDead, TimeSpan now, DateTimeOffset wallNow)
    {
        var buried = _state.Leases.Values.Where(l => l.Silo is { } silo && isDead(silo)).ToArray();
        foreach (var lease in buried)
        {
            Remove(lease.Number, now, wallNow);
        }

        return buried;
    }

    /// <summary>
    /// Gives every holder the time to renew that it has after the start of a registry: this one stood still, and nobody could.
    /// </summary>
    public void Resume(TimeSpan now)
    {
        foreach (var number in _lapsesAt.Keys.ToArray())
        {
            if (_lapsesAt[number] < now + LeastAfterStart)
            {
                _lapsesAt[number] = now + LeastAfterStart;
            }
        }
    }

    /// <summary>Returns the numbers that were given back or lapsed within <see cref="GoneFor"/>.</summary>
    public IReadOnlyList<ushort> Gone(DateTimeOffset wallNow) =>
        [.. _state.Resting.Where(entry => entry.Value > wallNow + Rest - GoneFor).Select(static entry => entry.Key)];

    /// <summary>Takes or renews a number. Call <see cref="Lapse"/> first.</summary>
    /// <param name="lease">Who asks.</param>
    /// <param name="now">The time by the monotonic clock.</param>
    /// <param name="wallNow">The time by the wall clock.</param>
    /// <param name="changed">Whether the state has to be written before the number is given out.</param>
    /// <returns>The number; 0 where the wanted one is held by somebody else or rests, or every one is held.</returns>
    public ushort Lease(FrontDoorLease lease, TimeSpan now, DateTimeOffset wallNow, out bool changed)
    {
        changed = false;
        var held = _state.Leases.Values.FirstOrDefault(l => l.Holder == lease.Holder);
        // A holder that asks for any number and has one has not heard the answer to its first call.
        var number = lease.Number != 0 ? lease.Number : held?.Number ?? Draw(wallNow);
        if (number == 0 || (_state.Leases.TryGetValue(number, out var other) ? other.Holder != lease.Holder : IsResting(number, wallNow)))
        {
            return 0;
        }

        if (held is not null && held.Number != number)
        {
            Remove(held.Number, now, wallNow);
        }

        if (held?.Number != number)
        {
            ChangedAt = now;
        }

        var entry = lease with { Number = number };
        changed = held is null || held.Number != number || !Same(held, entry);
        _state.Leases[number] = entry;
        _state.Resting.Remove(number);
        _state.LapsesAt[number] = wallNow + _duration;
        _lapsesAt[number] = now + _duration;
        return number;
    }

    /// <summary>Takes a lease back that could not be written down, as if nobody had asked.</summary>
    /// <param name="number">The number that was given out.</param>
    /// <param name="before">What the holder had before; null: nothing.</param>
    public void Undo(ushort number, FrontDoorLease? before)
    {
        _state.Leases.Remove(number);
        _state.LapsesAt.Remove(number);
        if (_lapsesAt.Remove(number, out var lapsesAt) && before is not null)
        {
            _state.Leases[before.Number] = before;
            _state.Resting.Remove(before.Number);
            _lapsesAt[before.Number] = lapsesAt;
        }
    }

    /// <summary>Finds what a holder has; null: nothing.</summary>
    public FrontDoorLease? HeldBy(Guid holder) => _state.Leases.Values.FirstOrDefault(l => l.Holder == holder);

    /// <summary>Gives a number back, if that holder has it.</summary>
    public bool Release(ushort number, Guid holder, TimeSpan now, DateTimeOffset wallNow)
    {
        if (!_state.Leases.TryGetValue(number, out var lease) || lease.Holder != holder)
        {
            return false;
        }

        Remove(number, now, wallNow);
        return true;
    }

    // In rotation: a number comes again as late as possible. Where all that are free rest, the one that has rested longest is taken.
    private ushort Draw(DateTimeOffset wallNow)
    {
        var next = _state.LastNumber;
        for (var tried = 0; tried < ushort.MaxValue; tried++)
        {
            next = next == ushort.MaxValue ? (ushort)1 : (ushort)(next + 1);
            if (!_state.Leases.ContainsKey(next) && !IsResting(next, wallNow))
            {
                return _state.LastNumber = next;
            }
        }

        var rested = _state.Resting.Count == 0 ? (ushort)0 : _state.Resting.MinBy(static entry => entry.Value).Key;
        _state.Resting.Remove(rested);
        return rested;
    }

    private bool IsResting(ushort number, DateTimeOffset wallNow)
    {
        if (!_state.Resting.TryGetValue(number, out var until))
        {
            return false;
        }

        if (until > wallNow)
        {
            return true;
        }

        _state.Resting.Remove(number);
        return false;
    }

    private void Remove(ushort number, TimeSpan now, DateTimeOffset wallNow)
    {
        ChangedAt = now;
        _state.Leases.Remove(number);
        _state.LapsesAt.Remove(number);
        _lapsesAt.Remove(number);
        _state.Resting[number] = wallNow + Rest;
    }

    private static bool Same(FrontDoorLease one, FrontDoorLease other) =>
        one with { Observers = other.Observers, Sessions = other.Sessions } == other && one.Observers.SequenceEqual(other.Observers);
}
