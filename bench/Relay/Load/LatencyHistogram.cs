using System.Numerics;

namespace Switchboard.Bench.Load;

/// <summary>Counts of durations in microseconds, in buckets that are 1/16 of a power of two wide: a percentile is right to 6 %.</summary>
internal sealed class LatencyHistogram
{
    private const int Bits = 4;
    private const int Steps = 1 << Bits;

    private readonly long[] _counts = new long[Steps * 32];

    public long Count { get; private set; }

    public void Record(TimeSpan duration)
    {
        _counts[Bucket((uint)Math.Clamp(duration.TotalMicroseconds, 0, int.MaxValue))]++;
        Count++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <summary>The duration that a share of all stays under.</summary>
    public TimeSpan Percentile(double share)
    {
        var rest = (long)(Count * share);
        for (var i = 0; i < _counts.Length; i++)
        {
            rest -= _counts[i];
            if (rest < 0)
            {
                return TimeSpan.FromMicroseconds(UpperBound(i));
            }
        }

        return TimeSpan.Zero;
    }

    private static int Bucket(uint microseconds)
    {
        if (microseconds < Steps)
        {
            return (int)microseconds;
        }

        var shift = BitOperations.Log2(microseconds) - Bits;
        return ((shift + 1) * Steps) + (int)(microseconds >> shift) - Steps;
    }

    private static double UpperBound(int bucket)
    {
        if (bucket < Steps)
        {
            return bucket + 1;
        }

        var shift = (bucket / Steps) - 1;
        return (double)((long)((bucket % Steps) + Steps + 1) << shift);
    }
}
