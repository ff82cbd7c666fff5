using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Admission;

/// <summary>Specifies the outcome of adding a waiter.</summary>
public enum AddWaiterOutcome
{
    /// <summary>It was added, and is removed by <see cref="WaiterLists{TKey, TWaiter}.Remove"/>.</summary>
    Added,

    /// <summary>The maximum for the key is reached. Nothing has changed.</summary>
    KeyFull,

    /// <summary>The maximum for all keys is reached. Nothing has changed.</summary>
    Full,
}

/// <summary>Holds the waiters of each key in the order of their arrival, bounded for each key and in total. Thread-safe.</summary>
/// <remarks>
/// Waking a waiter does not remove it: a woken waiter checks whether what it waited for is still there, and stays in the list until it has
/// it or gives up. No waiter is called under the lock.
/// </remarks>
/// <typeparam name="TKey">The type of what is waited for.</typeparam>
/// <typeparam name="TWaiter">The type of the waiters.</typeparam>
public sealed class WaiterLists<TKey, TWaiter>
    where TKey : notnull
    where TWaiter : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedList<TWaiter>> _byKey = [];
    private readonly int _perKey;
    private readonly int _capacity;
    private int _count;

    /// <summary>Initializes empty lists.</summary>
    /// <param name="perKey">The maximum number of waiters of one key; at least 1.</param>
    /// <param name="capacity">The maximum number of waiters; at least 1.</param>
    public WaiterLists(int perKey, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perKey, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _perKey = perKey;
        _capacity = capacity;
    }

    /// <summary>The number of waiters.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a waiter.</summary>
    /// <param name="key">What it waits for.</param>
    /// <param name="waiter">The waiter.</param>
    /// <param name="entry">The entry, to be passed to <see cref="Remove"/>; null if it was not added.</param>
    public AddWaiterOutcome Add(TKey key, TWaiter waiter, out Entry? entry)
    {
        entry = null;
        lock (_gate)
        {
            if (_count >= _capacity)
            {
                return AddWaiterOutcome.Full;
            }

            if (!_byKey.TryGetValue(key, out var list))
            {
                _byKey[key] = list = new();
            }
            else if (list.Count >= _perKey)
            {
                return AddWaiterOutcome.KeyFull;
            }

            entry = new Entry(key, list.AddLast(waiter));
            _count++;
            return AddWaiterOutcome.Added;
        }
    }

    /// <summary>Removes a waiter. False: it had been removed before.</summary>
    public bool Remove(Entry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        lock (_gate)
        {
            if (entry.Node.List is not { } list)
            {
                return false;
            }

            list.Remove(entry.Node);
            if (list.Count == 0)
            {
                _byKey.Remove(entry.Key);
            }

            _count--;
            return true;
        }
    }

    /// <summary>Returns the current waiters of a key, in the order of their arrival.</summary>
    public IReadOnlyList<TWaiter> WaitersFor(TKey key)
    {
        // Usually there are none, and the caller takes no lock. A waiter that is added meanwhile checks again after it was added.
        if (Count == 0)
        {
            return [];
        }

        lock (_gate)
        {
            return _byKey.TryGetValue(key, out var list) ? [.. list] : [];
        }
    }

    /// <summary>Returns all current waiters.</summary>
    public IReadOnlyList<TWaiter> All()
    {
        lock (_gate)
        {
            return [.. _byKey.Values.SelectMany(static list => list)];
        }
    }

    /// <summary>Represents a waiter in its list.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "It means nothing without its lists.")]
    public sealed class Entry
    {
        internal Entry(TKey key, LinkedListNode<TWaiter> node)
        {
            Key = key;
            Node = node;
        }

        internal TKey Key { get; }

        internal LinkedListNode<TWaiter> Node { get; }
    }
}
