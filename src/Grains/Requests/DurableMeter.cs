using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Admission;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>Holds the ledger of the durable requests that this silo keeps, with the limits of the options, and measures it.</summary>
internal sealed class DurableMeter
{
    private static readonly KeyValuePair<string, object?> _open = new(MetricNames.State, "open");
    private static readonly KeyValuePair<string, object?> _ended = new(MetricNames.State, "ended");

    public DurableMeter(IOptions<GrainOptions> options, IMeterFactory factory)
    {
        Ledger = new DurableLedger(Bounds(options.Value));
        var meter = factory.Create(MetricNames.Meter);
        meter.CreateObservableGauge(MetricNames.DurableRequests, Observe, "{request}", "Durable requests that this silo keeps.");
        meter.CreateObservableGauge(MetricNames.DurableBytes, () => Ledger.Bytes, "By", "Bytes that they take, with their answers.");
    }

    /// <summary>The ledger.</summary>
    public DurableLedger Ledger { get; }

    private static DurableBounds Bounds(GrainOptions options) => new()
    {
        PerAgent = options.DurableMaxPerAgent,
        BytesPerAgent = options.DurableMaxBytesPerAgent,
        PerTenant = options.DurableMaxPerTenant,
        BytesPerTenant = options.DurableMaxBytesPerTenant,
        Requests = options.DurableCapacity,
        Bytes = HeapShare.Of(options.DurableCapacityBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
    };

    private IEnumerable<Measurement<long>> Observe()
    {
        var open = Ledger.Open;
        return [new(open, _open), new(Math.Max(Ledger.Kept - open, 0), _ended)];
    }
}
