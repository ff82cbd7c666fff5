using System.Diagnostics.Metrics;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Grains.Presence;

/// <summary>Measures the agents in this silo's shards of the index, and their cost.</summary>
internal sealed class IndexMeter
{
    private long _agents;
    private long _bytes;

    public IndexMeter(IMeterFactory factory)
    {
        var meter = factory.Create(MetricNames.Meter);
        meter.CreateObservableGauge(MetricNames.IndexAgents, () => Interlocked.Read(ref _agents), "{agent}", "Agents that the index knows.");
        meter.CreateObservableGauge(MetricNames.IndexBytes, () => Interlocked.Read(ref _bytes), "By", "Bytes that the index takes.");
    }

    /// <summary>Adds a shard's change of both.</summary>
    public void Add(long agents, long bytes)
    {
        Interlocked.Add(ref _agents, agents);
        Interlocked.Add(ref _bytes, bytes);
    }
}
