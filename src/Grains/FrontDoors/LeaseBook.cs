using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Grains.FrontDoors;

/// <summary>
/// The rules by which front-door numbers are leased, over the state that is written down. It changes the state and says whether it
/// has; when leases lapse it knows by itself, from the time since the last renewal.
/// </summary>
internal sealed class LeaseBook
{
    private readonly FrontDoorRegistryState _state;
    private readonly TimeSpan _duration;
    private readonly Dictionary<ushort, TimeSpan> _lapsesAt = [];

    /// <param name="state">What was written down.</param>
    /// <param name="duration">How long a lease lasts.</param>
    /// <param name="now">
    /// The time. Leases that were written down last from now on: when they were renewed last is not written, and a number that was
    /// given out again too early would make two front doors one.
    /// </param>
    public LeaseBook(FrontDoorRegistryState state, TimeSpan duration, TimeSpan now)
    {
        _state = state;
        _duration = duration;
        foreach (var number in state.Leases.Keys)
            _lapsesAt[number] = now + duration;
    }

    /// <summary>Takes out what has lapsed. Worth no write of its own: read again, it would only lapse again.</summary>
    public IReadOnlyList<FrontDoorLease> Lapse(TimeSpan now)
    {
        var lapsed = _state.Leases.Values.Where(l => _lapsesAt[l.Number] <= now).ToArray();
        foreach (var lease in lapsed)
            Remove(lease.Number);
        return lapsed;
    }

    /// <summary>Takes or renews a number. Call <see cref="Lapse"/> first.</summary>
    /// <param name="lease">Who asks.</param>
    /// <param name="now">The time.</param>
    /// <param name="changed">Whether the state has to be written before the number is given out.</param>
    /// <returns>The number; 0 where the wanted one, or every one, is held by somebody else.</returns>
    public ushort Lease(FrontDoorLease lease, TimeSpan now, out bool changed)
    {
        changed = false;
        var held = _state.Leases.Values.FirstOrDefault(l => l.Holder == lease.Holder);
        // A holder that asks for any number and has one has not heard the answer to its first call.
        var number = lease.Number != 0 ? lease.Number : held?.Number ?? Draw();
        if (number == 0 || (_state.Leases.TryGetValue(number, out var other) && other.Holder != lease.Holder))
            return 0;
        if (held is not null && held.Number != number)
            Remove(held.Number);
        var entry = lease with { Number = number };
        changed = held is null || held.Number != number || !Same(held, entry);
        _state.Leases[number] = entry;
        _lapsesAt[number] = now + _duration;
        return number;
    }

    /// <summary>Gives a number back, if that holder has it.</summary>
    public bool Release(ushort number, Guid holder)
    {
        if (!_state.Leases.TryGetValue(number, out var lease) || lease.Holder != holder)
            return false;
        Remove(number);
        return true;
    }

    // In rotation: a number comes again as late as possible, so that ids of its last holder find nobody rather than somebody else.
    private ushort Draw()
    {
        for (var tried = 0; tried < ushort.MaxValue; tried++)
        {
            _state.LastNumber = _state.LastNumber == ushort.MaxValue ? (ushort)1 : (ushort)(_state.LastNumber + 1);
            if (!_state.Leases.ContainsKey(_state.LastNumber))
                return _state.LastNumber;
        }

        return 0;
    }

    private void Remove(ushort number)
    {
        _state.Leases.Remove(number);
        _lapsesAt.Remove(number);
    }

    private static bool Same(FrontDoorLease one, FrontDoorLease other) =>
        one.Holder == other.Holder && one.Name == other.Name && one.Lanes.SequenceEqual(other.Lanes);
}
