namespace Switchboard.Api.Telemetry;

/// <summary>Holds one instrument's values under one set of attributes. Thread-safe.</summary>
internal sealed class Series
{
    private readonly long[] _buckets;
    private readonly double[] _bounds;
    private long _count;
    private double _sum;

    public Series(string labels, IReadOnlyList<double> bounds)
    {
        Labels = labels;
        _bounds = [.. bounds];
        _buckets = new long[_bounds.Length + 1];
    }

    /// <summary>The labels in Prometheus' format, without braces; empty: none.</summary>
    public string Labels { get; }

    public IReadOnlyList<double> Bounds => _bounds;

    /// <summary>The sum of what was added; of a gauge, the last value.</summary>
    public double Sum => Volatile.Read(ref _sum);

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Returns how many values are at or below a bound; for the last: all.</summary>
    public long BucketUpTo(int index)
    {
        var total = 0L;
        for (var i = 0; i <= index; i++)
        {
            total += Interlocked.Read(ref _buckets[i]);
        }

        return total;
    }

    public void Set(double value) => Volatile.Write(ref _sum, value);

    public void Add(double value)
    {
        var seen = Volatile.Read(ref _sum);
        while (Interlocked.CompareExchange(ref _sum, seen + value, seen) is var was && was.CompareTo(seen) != 0)
        {
            seen = was;
        }
    }

    public void Record(double value)
    {
        // Bounds are inclusive above, as Prometheus' `le` is. NaN would make the sum NaN for ever.
        if (double.IsNaN(value))
        {
            return;
        }

        var index = Array.BinarySearch(_bounds, value);
        Interlocked.Increment(ref _buckets[index < 0 ? ~index : index]);
        Interlocked.Increment(ref _count);
        Add(value);
    }
}
