using System.Collections.Concurrent;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Keeps one instrument's values, a series for each set of attributes. The last of <see cref="MaxSeries"/> collects all further sets, and
/// is marked as in OpenTelemetry: the sum of all stays right. Thread-safe.
/// </summary>
internal sealed class MetricFamily
{
    /// <summary>The maximum number of series.</summary>
    public const int MaxSeries = 200;

    private static readonly KeyValuePair<string, object?>[] _overflow = [new("otel.metric.overflow", "true")];

    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> _series = new(new AttributesComparer());
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _known;
    private readonly MetricShape _shape;
    private readonly Action _overflowed;
    private int _count;

    /// <param name="shape">The shape of the instrument.</param>
    /// <param name="overflowed">Called for each value that finds no series left.</param>
    public MetricFamily(MetricShape shape, Action overflowed)
    {
        _shape = shape;
        _overflowed = overflowed;
        _known = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public MetricShape Shape => _shape;

    /// <summary>The series in the order of their labels.</summary>
    public IReadOnlyList<Series> Series => [.. _series.Values.OrderBy(static s => s.Labels, StringComparer.Ordinal)];

    /// <summary>Records a measurement.</summary>
    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        var series = Find(attributes);
        value *= _shape.Scale;
        if (_shape.Kind == MetricKind.Histogram)
        {
            series.Record(value);
        }
        else if (_shape.IsLatestValue)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    /// <summary>Drops observed values before the instrument is observed again: series that it does not report this time are gone.</summary>
    public void ForgetObserved()
    {
        if (!_shape.IsObservable)
        {
            return;
        }

        _series.Clear();
        Volatile.Write(ref _count, 0);
    }

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        if (_known.TryGetValue(attributes, out var series))
        {
            return series;
        }
        // Concurrent threads may each find the last place: the bound is exceeded by at most the number of threads.
        if (Volatile.Read(ref _count) < MaxSeries - 1)
        {
            return Add(attributes.ToArray());
        }

        _overflowed();
        return _known.TryGetValue(_overflow, out series) ? series : Add(_overflow);
    }

    private Series Add(KeyValuePair<string, object?>[] attributes)
    {
        var made = new Series(PrometheusText.Labels(attributes), _shape.Bounds);
        var kept = _series.GetOrAdd(attributes, made);
        if (ReferenceEquals(kept, made))
        {
            Interlocked.Increment(ref _count);
        }

        return kept;
    }
}
