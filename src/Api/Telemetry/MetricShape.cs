using System.Diagnostics.Metrics;

namespace Switchboard.Api.Telemetry;

/// <summary>Specifies the Prometheus type of an instrument.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>Describes an instrument for Prometheus: name, type, base unit, buckets.</summary>
internal sealed class MetricShape
{
    private MetricShape(Instrument instrument, Type type)
    {
        IsObservable = instrument.IsObservable;
        Kind = type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : MetricKind.Gauge;
        IsLatestValue = IsObservable || type == typeof(Gauge<>);
        (var unit, Scale) = Unit(instrument.Unit);
        var name = PrometheusText.Name(instrument.Name);
        if (unit.Length > 0 && !name.EndsWith(unit, StringComparison.Ordinal))
        {
            name += unit;
        }

        Name = Kind == MetricKind.Counter ? name + "_total" : name;
        Help = string.IsNullOrEmpty(instrument.Description) ? $"{instrument.Name} of {instrument.Meter.Name}." : instrument.Description;
        Bounds = Kind == MetricKind.Histogram ? (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? Buckets.For(unit) : [];
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    /// <summary>Gets whether it is observed, when the page is rendered.</summary>
    public bool IsObservable { get; }

    /// <summary>Gets whether a value replaces the one before, rather than adds to it.</summary>
    public bool IsLatestValue { get; }

    /// <summary>The factor from its unit to the base unit.</summary>
    public double Scale { get; }

    /// <summary>A histogram's buckets: the instrument's own, or those of its unit.</summary>
    public IReadOnlyList<double> Bounds { get; }

    public static MetricShape Of(Instrument instrument) => new(instrument, instrument.GetType().GetGenericTypeDefinition());

    // UCUM's, as in OpenTelemetry, and those that Orleans uses. Prometheus requires base units.
    private static (string Suffix, double Scale) Unit(string? unit) => unit switch
    {
        "s" or "seconds" => ("_seconds", 1),
        "ms" => ("_seconds", 0.001),
        "By" or "bytes" => ("_bytes", 1),
        "MB" => ("_bytes", 1_000_000),
        _ => ("", 1),
    };
}
