using System.Diagnostics.Metrics;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Durable;

/// <summary>Measures what the log of durable requests keeps.</summary>
internal sealed class DurableMeter(IMeterFactory factory, IRequestLog log) : IHostedService
{
    private static readonly KeyValuePair<string, object?> _open = new(MetricNames.State, "open");
    private static readonly KeyValuePair<string, object?> _ended = new(MetricNames.State, "ended");

    /// <summary>Creates the instruments.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = factory.Create(MetricNames.Meter);
        meter.CreateObservableGauge(MetricNames.DurableRequests, Observe, "{request}", "Durable requests that the storage keeps.");
        meter.CreateObservableGauge(MetricNames.DurableBytes, () => log.Counts.Bytes, "By", "Bytes that they take, with their answers.");
        // The first look has what is kept counted: the first scrape is to see it.
        Observe();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<long>> Observe()
    {
        var counts = log.Counts;
        return [new(counts.Open, _open), new(counts.Ended, _ended)];
    }
}
