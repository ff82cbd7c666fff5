using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Requests;

/// <summary>Holds the summaries of the last requests in a bounded ring, from which the oldest is removed first. Thread-safe.</summary>
/// <typeparam name="T">The type of a summary: ids, times, sizes, a verdict; no content.</typeparam>
public sealed class VerdictHistory<T>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, T> _items = [];
    private readonly Queue<ulong> _order = new();
    private readonly int _capacity;

    /// <summary>Initializes an empty history.</summary>
    /// <param name="capacity">The maximum number of items; at least 1.</param>
    public VerdictHistory(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>The number of items, at most the capacity.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>Adds an item. One of the same id is replaced and keeps its age.</summary>
    public void Add(ulong id, T item)
    {
        lock (_gate)
        {
            if (!_items.ContainsKey(id))
            {
                if (_order.Count == _capacity)
                {
                    _items.Remove(_order.Dequeue());
                }

                _order.Enqueue(id);
            }
            _items[id] = item;
        }
    }

    /// <summary>Finds an item; false if it never was there or was removed.</summary>
    public bool TryGet(ulong id, [MaybeNullWhen(false)] out T item)
    {
        lock (_gate)
        {
            return _items.TryGetValue(id, out item);
        }
    }
}
