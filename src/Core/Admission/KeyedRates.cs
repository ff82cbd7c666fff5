namespace Switchboard.Core.Admission;

/// <summary>Keeps a token bucket for each key, of a bounded number of keys. Thread-safe.</summary>
/// <remarks>
/// Full buckets carry no information and are removed when room is needed. If there is no room, because so many keys are busy at once, all
/// further keys share one bucket: a client that invents keys gets no more than one key would.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
public sealed class KeyedRates<TKey>
    where TKey : notnull
{
    private const int ShardCount = 16;

    // With a smaller capacity, shards would be unfair: one could be full while others are empty.
    private const int WorthShards = 1024;

    private readonly Shard[] _shards;
    private readonly Rate _rate;
    private readonly int _perShard;

    /// <summary>Initializes without buckets.</summary>
    /// <param name="rate">The rate of each key.</param>
    /// <param name="capacity">The maximum number of buckets; at least 1.</param>
    public KeyedRates(Rate rate, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _rate = rate;
        _shards = new Shard[capacity < WorthShards ? 1 : ShardCount];
        _perShard = capacity / _shards.Length;
        for (var i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new Shard();
        }
    }

    /// <summary>The number of buckets that are kept.</summary>
    public int Count => _shards.Sum(static s => s.FullAt.Count);

    /// <summary>Takes a token of a key, if there is one.</summary>
    public bool TryTake(TKey key, TimeSpan now)
    {
        var shard = _shards[(uint)key.GetHashCode() % (uint)_shards.Length];
        lock (shard.Gate)
        {
            var known = shard.FullAt.TryGetValue(key, out var fullAt);
            if (!known && !HasRoom(shard, now))
            {
                return _rate.TryTake(ref shard.OthersFullAt, now);
            }

            if (!_rate.TryTake(ref fullAt, now))
            {
                return false;
            }

            shard.FullAt[key] = fullAt;
            if (fullAt < shard.NextFullAt)
            {
                shard.NextFullAt = fullAt;
            }

            return true;
        }
    }

    private bool HasRoom(Shard shard, TimeSpan now)
    {
        if (shard.FullAt.Count < _perShard)
        {
            return true;
        }
        // No bucket can have become full since, so that a crowd of new keys does not scan all buckets for each of them.
        if (now < shard.NextFullAt)
        {
            return false;
        }

        var next = TimeSpan.MaxValue;
        foreach ((var key, var fullAt) in shard.FullAt)
        {
            if (fullAt <= now)
            {
                shard.FullAt.Remove(key);
            }
            else if (fullAt < next)
            {
                next = fullAt;
            }
        }
        shard.NextFullAt = next;
        return shard.FullAt.Count < _perShard;
    }

    private sealed class Shard
    {
        public TimeSpan OthersFullAt;

        public Lock Gate { get; } = new();

        public Dictionary<TKey, TimeSpan> FullAt { get; } = [];

        /// <summary>The earliest time at which a bucket can become full; one that is drawn from meanwhile becomes full later.</summary>
        public TimeSpan NextFullAt { get; set; }
    }
}
