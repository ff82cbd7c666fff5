using System.Diagnostics.Metrics;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Durable;

/// <summary>Measures what the log of durable requests keeps.</summary>
internal sealed class DurableMeter
{
    private static readonly KeyValuePair<string, object?> _open = new(MetricNames.State, "open");
    private static readonly KeyValuePair<string, object?> _ended = new(MetricNames.State, "ended");

    private readonly Lazy<IRequestLog> _log;

    /// <summary>Creates the instruments. The log itself is opened by its first use, after the checks of the start.</summary>
    public DurableMeter(IMeterFactory factory, Lazy<IRequestLog> log)
    {
        _log = log;
        var meter = factory.Create(MetricNames.Meter);
        meter.CreateObservableGauge(MetricNames.DurableRequests, Observe, "{request}", "Durable requests that the storage keeps.");
        meter.CreateObservableGauge(MetricNames.DurableBytes, () => Counts.Bytes, "By", "Bytes that they take, with their answers.");
    }

    private RequestLogCounts Counts => _log.IsValueCreated ? _log.Value.Counts : default;

    private IEnumerable<Measurement<long>> Observe()
    {
        var counts = Counts;
        return [new(counts.Open, _open), new(counts.Ended, _ended)];
    }
}
