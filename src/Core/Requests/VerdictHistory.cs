using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Requests;

/// <summary>What became of the last requests: a bounded ring, the oldest goes out first. Thread-safe.</summary>
/// <typeparam name="T">What is kept of one: ids, times, sizes, a verdict; no content.</typeparam>
public sealed class VerdictHistory<T>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, T> _items = [];
    private readonly Queue<ulong> _order = new();
    private readonly int _capacity;

    /// <summary>An empty history.</summary>
    /// <param name="capacity">The most items; at least 1.</param>
    public VerdictHistory(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>How many items there are, at most the capacity.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _items.Count;
        }
    }

    /// <summary>Keeps an item. One of the same id is replaced and keeps its age.</summary>
    public void Add(ulong id, T item)
    {
        lock (_gate)
        {
            if (!_items.ContainsKey(id))
            {
                if (_order.Count == _capacity)
                    _items.Remove(_order.Dequeue());
                _order.Enqueue(id);
            }
            _items[id] = item;
        }
    }

    /// <summary>Looks an item up; false if it never was there or is forgotten.</summary>
    public bool TryGet(ulong id, [MaybeNullWhen(false)] out T item)
    {
        lock (_gate)
            return _items.TryGetValue(id, out item);
    }
}
