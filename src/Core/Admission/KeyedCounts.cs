using System.Runtime.InteropServices;

namespace Switchboard.Core.Admission;

/// <summary>
/// Counts what each key has under way, up to a limit for each key. A key with none is not kept, so there are never more keys than things
/// under way. Thread-safe.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
public sealed class KeyedCounts<TKey>
    where TKey : notnull
{
    private const int ShardCount = 16;
    private readonly Shard[] _shards = new Shard[ShardCount];
    private readonly int _perKey;

    /// <summary>Initializes empty counts.</summary>
    /// <param name="perKey">The maximum of a key; at least 1.</param>
    public KeyedCounts(int perKey)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perKey, 1);
        _perKey = perKey;
        for (var i = 0; i < ShardCount; i++)
        {
            _shards[i] = new Shard();
        }
    }

    /// <summary>The number of keys with a count above 0.</summary>
    public int Count => _shards.Sum(static s => s.Counts.Count);

    /// <summary>Increments the count of a key. False: the key is at its maximum, and nothing has changed.</summary>
    public bool TryEnter(TKey key)
    {
        var shard = ShardOf(key);
        lock (shard.Gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(shard.Counts, key, out _);
            if (count >= _perKey)
            {
                return false;
            }

            count++;
            return true;
        }
    }

    /// <summary>Decrements the count of a key.</summary>
    /// <exception cref="InvalidOperationException">The count was 0: the calling code is wrong.</exception>
    public void Exit(TKey key)
    {
        var shard = ShardOf(key);
        lock (shard.Gate)
        {
            if (!shard.Counts.TryGetValue(key, out var count))
            {
                throw new InvalidOperationException("It has none.");
            }

            if (count == 1)
            {
                shard.Counts.Remove(key);
            }
            else
            {
                shard.Counts[key] = count - 1;
            }
        }
    }

    private Shard ShardOf(TKey key) => _shards[(uint)key.GetHashCode() % ShardCount];

    private sealed class Shard
    {
        public Lock Gate { get; } = new();

        public Dictionary<TKey, int> Counts { get; } = [];
    }
}
