using System.Runtime.InteropServices;

namespace Switchboard.Core.Admission;

/// <summary>
/// How many each key has under way, and no more than it may. A key with none is not kept, so there are never more keys than there are
/// things under way. Thread-safe.
/// </summary>
/// <typeparam name="TKey">Whose they are.</typeparam>
public sealed class KeyedCounts<TKey>
    where TKey : notnull
{
    private const int ShardCount = 16;
    private readonly Shard[] _shards = new Shard[ShardCount];
    private readonly int _perKey;

    /// <summary>Nobody has any.</summary>
    /// <param name="perKey">The most that a key may have; at least 1.</param>
    public KeyedCounts(int perKey)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perKey, 1);
        _perKey = perKey;
        for (int i = 0; i < ShardCount; i++)
            _shards[i] = new Shard();
    }

    /// <summary>How many keys have any.</summary>
    public int Count => _shards.Sum(static s => s.Counts.Count);

    /// <summary>One more of that key's. False: it has as many as it may, and nothing has changed.</summary>
    public bool TryEnter(TKey key)
    {
        Shard shard = ShardOf(key);
        lock (shard.Gate)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(shard.Counts, key, out _);
            if (count >= _perKey)
                return false;
            count++;
            return true;
        }
    }

    /// <summary>One less of that key's.</summary>
    /// <exception cref="InvalidOperationException">It had none: the caller's code is wrong.</exception>
    public void Exit(TKey key)
    {
        Shard shard = ShardOf(key);
        lock (shard.Gate)
        {
            if (!shard.Counts.TryGetValue(key, out int count))
                throw new InvalidOperationException("It has none.");
            if (count == 1)
                shard.Counts.Remove(key);
            else
                shard.Counts[key] = count - 1;
        }
    }

    private Shard ShardOf(TKey key) => _shards[(uint)key.GetHashCode() % ShardCount];

    private sealed class Shard
    {
        public Lock Gate { get; } = new();

        public Dictionary<TKey, int> Counts { get; } = [];
    }
}
