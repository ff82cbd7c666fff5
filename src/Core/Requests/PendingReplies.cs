using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Switchboard.Core.Requests;

/// <summary>Specifies the outcome of a registration.</summary>
public enum RegisterOutcome
{
    /// <summary>The waiter will be found by its id, once.</summary>
    Registered,

    /// <summary>Another waiter has the id: the caller draws a new one. Nothing has changed.</summary>
    DuplicateId,

    /// <summary>The capacity is reached. Nothing has changed.</summary>
    Full,
}

/// <summary>Maps ids to waiters: each is registered, then either triggered or given up, exactly once. Thread-safe.</summary>
/// <remarks>
/// etcd's <c>pkg/wait</c>: a lock for each shard, held for one dictionary operation and never while a waiter is called. A contended lock is
/// waited for (seeds N2: a try-lock that fails loses the reply of a change that was made). A waiter is given up in a <c>finally</c>, so
/// that the count returns to zero on every path (seeds N1).
/// </remarks>
/// <typeparam name="T">The type of a waiter; compared by reference.</typeparam>
public sealed class PendingReplies<T>
    where T : class
{
    private const int ShardCount = 64;
    private readonly Shard[] _shards = new Shard[ShardCount];
    private readonly BoundedCount _count;

    /// <summary>Initializes an empty table.</summary>
    /// <param name="capacity">The maximum number of waiters; at least 1.</param>
    public PendingReplies(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _count = new BoundedCount(capacity);
        for (var i = 0; i < ShardCount; i++)
        {
            _shards[i] = new Shard();
        }
    }

    /// <summary>The number of waiters. Never above the capacity.</summary>
    public int Count => _count.Value;

    /// <summary>Registers a waiter.</summary>
    public RegisterOutcome Register(ulong id, T waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        var shard = ShardOf(id);
        lock (shard.Gate)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(shard.Waiters, id, out var taken);
            if (taken)
            {
                return RegisterOutcome.DuplicateId;
            }

            if (!_count.TryTake())
            {
                shard.Waiters.Remove(id);
                return RegisterOutcome.Full;
            }
            place = waiter;
            return RegisterOutcome.Registered;
        }
    }

    /// <summary>
    /// Removes and returns the waiter of an id. Of several concurrent calls for one id, one gets it; false for an unknown id.
    /// </summary>
    public bool TryTrigger(ulong id, [MaybeNullWhen(false)] out T waiter)
    {
        var shard = ShardOf(id);
        lock (shard.Gate)
        {
            if (!shard.Waiters.Remove(id, out waiter))
            {
                return false;
            }

            _count.Release();
            return true;
        }
    }

    /// <summary>
    /// Removes a waiter that waits no longer. False if it has been triggered, or if the id is registered to another waiter.
    /// </summary>
    public bool GiveUp(ulong id, T waiter)
    {
        var shard = ShardOf(id);
        lock (shard.Gate)
        {
            // The id may have been triggered and registered again since: only this waiter's own entry is removed.
            if (!shard.Waiters.TryGetValue(id, out var current) || !ReferenceEquals(current, waiter))
            {
                return false;
            }

            shard.Waiters.Remove(id);
            _count.Release();
            return true;
        }
    }

    /// <summary>Finds the waiter of an id without removing it.</summary>
    public bool TryPeek(ulong id, [MaybeNullWhen(false)] out T waiter)
    {
        var shard = ShardOf(id);
        lock (shard.Gate)
        {
            return shard.Waiters.TryGetValue(id, out waiter);
        }
    }

    /// <summary>Returns all waiters; those that are registered or removed meanwhile may or may not be included.</summary>
    public IEnumerable<T> Snapshot()
    {
        var all = new List<T>(Count);
        foreach (var shard in _shards)
        {
            lock (shard.Gate)
            {
                all.AddRange(shard.Waiters.Values);
            }
        }
        return all;
    }

    // Ids of one front door differ in their lowest bits, a counter, so they are spread evenly over the shards.
    private Shard ShardOf(ulong id) => _shards[id % ShardCount];

    private sealed class Shard
    {
        public Lock Gate { get; } = new();

        public Dictionary<ulong, T> Waiters { get; } = [];
    }
}
