namespace Switchboard.Core.Admission;

/// <summary>
/// Defines a rate and a burst: a token bucket, represented by the time at which it is full again (the generic cell rate algorithm), so that
/// a bucket is one number, and a full one need not be kept.
/// </summary>
public readonly record struct Rate
{
    /// <summary>Initializes a rate.</summary>
    /// <param name="perSecond">The number of tokens a second; 1 to 100,000.</param>
    /// <param name="burst">The time whose tokens may be taken at once; always at least one token.</param>
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
    /// <param name="fullAt">The time at which the bucket is full again if no more is taken; a time in the past is a full bucket.</param>
    /// <param name="now">The time.</param>
    public bool TryTake(ref TimeSpan fullAt, TimeSpan now)
    {
        var from = fullAt > now ? fullAt : now;
        if (from - now > Tolerance)
        {
            return false;
        }

        fullAt = from + Interval;
        return true;
    }
}

/// <summary>Limits a rate with one bucket. Thread-safe, without a lock.</summary>
public sealed class RateGate(Rate rate)
{
    private long _fullAt;

    /// <summary>Takes a token, if there is one.</summary>
    public bool TryTake(TimeSpan now)
    {
        var seen = Volatile.Read(ref _fullAt);
        while (true)
        {
            var fullAt = TimeSpan.FromTicks(seen);
            if (!rate.TryTake(ref fullAt, now))
            {
                return false;
            }

            var was = Interlocked.CompareExchange(ref _fullAt, fullAt.Ticks, seen);
            if (was == seen)
            {
                return true;
            }

            seen = was;
        }
    }
}
