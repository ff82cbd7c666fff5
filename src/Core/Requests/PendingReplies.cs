using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Switchboard.Core.Requests;

/// <summary>What came of a registration.</summary>
public enum RegisterOutcome
{
    /// <summary>The waiter will be found by its id, once.</summary>
    Registered,

    /// <summary>Another waiter has the id: the caller draws a new one. Nothing has changed.</summary>
    DuplicateId,

    /// <summary>The table holds as many as it may. Nothing has changed.</summary>
    Full,
}

/// <summary>Who waits for which id: register, then exactly one of trigger and give up. Thread-safe.</summary>
/// <remarks>
/// etcd's <c>pkg/wait</c>: a lock a shard, held for one dictionary operation and never while a waiter is told anything. A
/// contended lock is waited for (seeds N2: a try-lock that fails loses the reply of a change that was made). Whoever
/// registered gives up in a <c>finally</c>, so that the count goes back to zero on every way out (seeds N1).
/// </remarks>
/// <typeparam name="T">A waiter; told apart by reference.</typeparam>
public sealed class PendingReplies<T>
    where T : class
{
    private const int ShardCount = 64;
    private readonly Shard[] _shards = new Shard[ShardCount];
    private readonly BoundedCount _count;

    /// <summary>An empty table.</summary>
    /// <param name="capacity">The most waiters at a time; at least 1.</param>
    public PendingReplies(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _count = new BoundedCount(capacity);
        for (int i = 0; i < ShardCount; i++)
            _shards[i] = new Shard();
    }

    /// <summary>How many wait. Never above the capacity, not even for a moment.</summary>
    public int Count => _count.Value;

    /// <summary>Enters a waiter.</summary>
    public RegisterOutcome Register(ulong id, T waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        Shard shard = ShardOf(id);
        lock (shard.Gate)
        {
            ref T? place = ref CollectionsMarshal.GetValueRefOrAddDefault(shard.Waiters, id, out bool taken);
            if (taken)
                return RegisterOutcome.DuplicateId;
            if (!_count.TryTake())
            {
                shard.Waiters.Remove(id);
                return RegisterOutcome.Full;
            }
            place = waiter;
            return RegisterOutcome.Registered;
        }
    }

    /// <summary>Takes the waiter of an id out. Of several threads that ask for one id, one gets it; false for an unknown id.</summary>
    public bool TryTrigger(ulong id, [MaybeNullWhen(false)] out T waiter)
    {
        Shard shard = ShardOf(id);
        lock (shard.Gate)
        {
            if (!shard.Waiters.Remove(id, out waiter))
                return false;
            _count.Release();
            return true;
        }
    }

    /// <summary>Takes a waiter out that waits no longer. False if it has been triggered, or if the id is another's by now.</summary>
    public bool GiveUp(ulong id, T waiter)
    {
        Shard shard = ShardOf(id);
        lock (shard.Gate)
        {
            // The id may have been triggered and registered again since: only this waiter's own entry is its to remove.
            if (!shard.Waiters.TryGetValue(id, out T? current) || !ReferenceEquals(current, waiter))
                return false;
            shard.Waiters.Remove(id);
            _count.Release();
            return true;
        }
    }

    /// <summary>The waiter of an id, which stays.</summary>
    public bool TryPeek(ulong id, [MaybeNullWhen(false)] out T waiter)
    {
        Shard shard = ShardOf(id);
        lock (shard.Gate)
            return shard.Waiters.TryGetValue(id, out waiter);
    }

    /// <summary>Everybody who waits; those who come or go meanwhile may or may not be among them.</summary>
    public IEnumerable<T> Snapshot()
    {
        var all = new List<T>(Count);
        foreach (Shard shard in _shards)
        {
            lock (shard.Gate)
                all.AddRange(shard.Waiters.Values);
        }
        return all;
    }

    // Ids of one front door differ in their lowest bits, a counter, so that they go round the shards in turn.
    private Shard ShardOf(ulong id) => _shards[id % ShardCount];

    private sealed class Shard
    {
        public Lock Gate { get; } = new();

        public Dictionary<ulong, T> Waiters { get; } = [];
    }
}
