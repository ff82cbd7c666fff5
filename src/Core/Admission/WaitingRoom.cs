using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Admission;

/// <summary>What came of asking for a place.</summary>
public enum EnterOutcome
{
    /// <summary>It has a place, and leaves it by <see cref="WaitingRoom{TKey, TWaiter}.Leave"/>.</summary>
    Entered,

    /// <summary>As many wait for the same as may. Nothing has changed.</summary>
    KeyFull,

    /// <summary>As many wait as there are places at all. Nothing has changed.</summary>
    Full,
}

/// <summary>Who waits for what, in the order in which they came: bounded for each thing that is waited for, and altogether. Thread-safe.</summary>
/// <remarks>
/// To be woken is not to leave: who is woken looks whether what it waited for is still there, and keeps its place until it has it, or
/// goes. No waiter is told anything under the lock.
/// </remarks>
/// <typeparam name="TKey">What is waited for.</typeparam>
/// <typeparam name="TWaiter">Who waits.</typeparam>
public sealed class WaitingRoom<TKey, TWaiter>
    where TKey : notnull
    where TWaiter : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedList<TWaiter>> _byKey = [];
    private readonly int _perKey;
    private readonly int _capacity;
    private int _count;

    /// <summary>An empty room.</summary>
    /// <param name="perKey">The most that wait for one thing; at least 1.</param>
    /// <param name="capacity">The most that wait; at least 1.</param>
    public WaitingRoom(int perKey, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perKey, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _perKey = perKey;
        _capacity = capacity;
    }

    /// <summary>How many wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Asks for a place.</summary>
    /// <param name="key">What is waited for.</param>
    /// <param name="waiter">Who waits.</param>
    /// <param name="place">The place, to be given to <see cref="Leave"/>; null where there is none.</param>
    public EnterOutcome Enter(TKey key, TWaiter waiter, out Place? place)
    {
        place = null;
        lock (_gate)
        {
            if (_count >= _capacity)
                return EnterOutcome.Full;
            if (!_byKey.TryGetValue(key, out LinkedList<TWaiter>? line))
                _byKey[key] = line = new();
            else if (line.Count >= _perKey)
                return EnterOutcome.KeyFull;
            place = new Place(key, line.AddLast(waiter));
            _count++;
            return EnterOutcome.Entered;
        }
    }

    /// <summary>Gives a place up. False: it had been given up before.</summary>
    public bool Leave(Place place)
    {
        ArgumentNullException.ThrowIfNull(place);
        lock (_gate)
        {
            if (place.Node.List is not { } line)
                return false;
            line.Remove(place.Node);
            if (line.Count == 0)
                _byKey.Remove(place.Key);
            _count--;
            return true;
        }
    }

    /// <summary>Who waits for this now, first come first.</summary>
    public IReadOnlyList<TWaiter> WhoWaitsFor(TKey key)
    {
        // Nearly always nobody does: whoever looks then takes no lock. One that enters meanwhile looks after it entered.
        if (Count == 0)
            return [];
        lock (_gate)
            return _byKey.TryGetValue(key, out LinkedList<TWaiter>? line) ? [.. line] : [];
    }

    /// <summary>Everybody who waits now.</summary>
    public IReadOnlyList<TWaiter> Everybody()
    {
        lock (_gate)
            return [.. _byKey.Values.SelectMany(static line => line)];
    }

    /// <summary>A place in the room.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "It means nothing without its room.")]
    public sealed class Place
    {
        internal Place(TKey key, LinkedListNode<TWaiter> node)
        {
            Key = key;
            Node = node;
        }

        internal TKey Key { get; }

        internal LinkedListNode<TWaiter> Node { get; }
    }
}
