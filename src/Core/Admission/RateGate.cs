namespace Switchboard.Core.Admission;

/// <summary>
/// How often something may happen, and how much of that at once: a token bucket, written as the time at which it will be full again
/// (the generic cell rate algorithm), so that one bucket is one number, and a full one is as good as none.
/// </summary>
public readonly record struct Rate
{
    /// <summary>A rate.</summary>
    /// <param name="perSecond">How often; 1 to 100,000.</param>
    /// <param name="burst">So much time's worth may come at once, and always one.</param>
    public Rate(int perSecond, TimeSpan burst)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, 100_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, TimeSpan.Zero);
        Interval = TimeSpan.FromTicks(TimeSpan.TicksPerSecond / perSecond);
        Tolerance = burst > Interval ? burst - Interval : TimeSpan.Zero;
    }

    private TimeSpan Interval { get; }

    private TimeSpan Tolerance { get; }

    /// <summary>Takes a token, if there is one.</summary>
    /// <param name="fullAt">When the bucket is full again, if nothing more is taken; a time in the past is a full bucket.</param>
    /// <param name="now">The time.</param>
    public bool TryTake(ref TimeSpan fullAt, TimeSpan now)
    {
        TimeSpan from = fullAt > now ? fullAt : now;
        if (from - now > Tolerance)
            return false;
        fullAt = from + Interval;
        return true;
    }
}

/// <summary>One bucket for all. Thread-safe, without a lock.</summary>
public sealed class RateGate(Rate rate)
{
    private long _fullAt;

    /// <summary>Takes a token, if there is one.</summary>
    public bool TryTake(TimeSpan now)
    {
        long seen = Volatile.Read(ref _fullAt);
        while (true)
        {
            var fullAt = TimeSpan.FromTicks(seen);
            if (!rate.TryTake(ref fullAt, now))
                return false;
            long was = Interlocked.CompareExchange(ref _fullAt, fullAt.Ticks, seen);
            if (was == seen)
                return true;
            seen = was;
        }
    }
}
