using System.Diagnostics.Metrics;

namespace Switchboard.Api.Telemetry;

/// <summary>The three kinds of Prometheus that instruments become.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>What an instrument is to Prometheus: name, kind, base unit, buckets.</summary>
internal sealed class MetricShape
{
    private MetricShape(Instrument instrument, Type type)
    {
        IsObservable = instrument.IsObservable;
        Kind = type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : MetricKind.Gauge;
        IsLatestValue = IsObservable || type == typeof(Gauge<>);
        (string unit, Scale) = Unit(instrument.Unit);
        string name = PrometheusText.Name(instrument.Name);
        if (unit.Length > 0 && !name.EndsWith(unit, StringComparison.Ordinal))
            name += unit;
        Name = Kind == MetricKind.Counter ? name + "_total" : name;
        Help = string.IsNullOrEmpty(instrument.Description) ? $"{instrument.Name} of {instrument.Meter.Name}." : instrument.Description;
        Bounds = Kind == MetricKind.Histogram ? (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? Buckets.For(unit) : [];
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    /// <summary>Is it asked for its values when somebody looks?</summary>
    public bool IsObservable { get; }

    /// <summary>Does a value replace the one before, rather than add to it?</summary>
    public bool IsLatestValue { get; }

    /// <summary>What makes its values the base unit's.</summary>
    public double Scale { get; }

    /// <summary>A histogram's buckets: those that the instrument wants, or such as suit its unit.</summary>
    public IReadOnlyList<double> Bounds { get; }

    public static MetricShape Of(Instrument instrument) => new(instrument, instrument.GetType().GetGenericTypeDefinition());

    // UCUM's, as OpenTelemetry wants them, and what Orleans writes. Prometheus wants base units.
    private static (string Suffix, double Scale) Unit(string? unit) => unit switch
    {
        "s" or "seconds" => ("_seconds", 1),
        "ms" => ("_seconds", 0.001),
        "By" or "bytes" => ("_bytes", 1),
        "MB" => ("_bytes", 1_000_000),
        _ => ("", 1),
    };
}
