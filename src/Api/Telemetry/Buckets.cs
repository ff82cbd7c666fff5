using System.Diagnostics.Metrics;

namespace Switchboard.Api.Telemetry;

/// <summary>Defines the bucket bounds of the histograms, in seconds.</summary>
internal static class Buckets
{
    /// <summary>The buckets of callers' waits: 1 ms to 10 min.</summary>
    public static InstrumentAdvice<double> Waits { get; } = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600],
    };

    /// <summary>
    /// Returns the buckets of an instrument that gives none, by the unit at the end of its name; for times those of waits.
    /// </summary>
    public static IReadOnlyList<double> For(string unit) => unit switch
    {
        "_seconds" => Waits.HistogramBucketBoundaries!,
        "_bytes" => [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
        _ => [1, 10, 100, 1000, 10_000, 100_000, 1_000_000],
    };

    /// <summary>The buckets of the gateway's own share: 10 µs to 1 s.</summary>
    public static InstrumentAdvice<double> OwnShare { get; } = new()
    {
        HistogramBucketBoundaries = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
    };
}
