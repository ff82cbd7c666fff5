namespace Switchboard.Core.Admission;

/// <summary>A bucket for each key, of so many keys at most. Thread-safe.</summary>
/// <remarks>
/// Full buckets say nothing and are thrown away when room is needed. Where there is none, because so many keys are busy at once, all
/// others share one bucket: whoever makes up keys gets no more out of it than one key would give.
/// </remarks>
/// <typeparam name="TKey">Whose bucket it is.</typeparam>
public sealed class KeyedRates<TKey>
    where TKey : notnull
{
    private const int ShardCount = 16;

    // Fewer would be unfair: a shard that is full while others are empty.
    private const int WorthShards = 1024;

    private readonly Shard[] _shards;
    private readonly Rate _rate;
    private readonly int _perShard;

    /// <summary>No bucket yet.</summary>
    /// <param name="rate">What each key may.</param>
    /// <param name="capacity">The most buckets; at least 1.</param>
    public KeyedRates(Rate rate, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _rate = rate;
        _shards = new Shard[capacity < WorthShards ? 1 : ShardCount];
        _perShard = capacity / _shards.Length;
        for (int i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard();
    }

    /// <summary>How many buckets are kept.</summary>
    public int Count => _shards.Sum(static s => s.FullAt.Count);

    /// <summary>Takes a token of that key's, if there is one.</summary>
    public bool TryTake(TKey key, TimeSpan now)
    {
        Shard shard = _shards[(uint)key.GetHashCode() % (uint)_shards.Length];
        lock (shard.Gate)
        {
            bool known = shard.FullAt.TryGetValue(key, out TimeSpan fullAt);
            if (!known && !HasRoom(shard, now))
                return _rate.TryTake(ref shard.OthersFullAt, now);
            if (!_rate.TryTake(ref fullAt, now))
                return false;
            shard.FullAt[key] = fullAt;
            if (fullAt < shard.NextFullAt)
                shard.NextFullAt = fullAt;
            return true;
        }
    }

    private bool HasRoom(Shard shard, TimeSpan now)
    {
        if (shard.FullAt.Count < _perShard)
            return true;
        // Nothing can have become full since: a crowd of new keys does not make every one of them look through all buckets.
        if (now < shard.NextFullAt)
            return false;
        TimeSpan next = TimeSpan.MaxValue;
        foreach ((TKey key, TimeSpan fullAt) in shard.FullAt)
        {
            if (fullAt <= now)
                shard.FullAt.Remove(key);
            else if (fullAt < next)
                next = fullAt;
        }
        shard.NextFullAt = next;
        return shard.FullAt.Count < _perShard;
    }

    private sealed class Shard
    {
        public TimeSpan OthersFullAt;

        public Lock Gate { get; } = new();

        public Dictionary<TKey, TimeSpan> FullAt { get; } = [];

        /// <summary>No bucket becomes full before, and perhaps none at that time: one that is drawn from becomes full later.</summary>
        public TimeSpan NextFullAt { get; set; }
    }
}
