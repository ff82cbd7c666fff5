using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Grains.Tasks;

/// <summary>
/// What waits in this silo's queues. Tenants' queues of one name count together: names are as many as appliers are registered, tenants
/// may be any number.
/// </summary>
internal sealed class QueueMeter
{
    private readonly ConcurrentDictionary<string, Depth> _queues = new(StringComparer.Ordinal);

    public QueueMeter(IMeterFactory factory) => factory.Create(MetricNames.Meter)
        .CreateObservableGauge(MetricNames.QueueDepth, Measure, "{task}", "Tasks that wait in a queue.");

    /// <summary>The count of one name, kept for good; its owners add what comes and take off what goes.</summary>
    public Depth Of(string queue) => _queues.GetOrAdd(queue, static _ => new Depth());

    private IEnumerable<Measurement<long>> Measure() =>
        _queues.Select(static q => new Measurement<long>(q.Value.Count, new KeyValuePair<string, object?>(MetricNames.Queue, q.Key)));

    /// <summary>How many tasks wait in the queues of one name.</summary>
    internal sealed class Depth
    {
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public void Add(long change) => Interlocked.Add(ref _count, change);
    }
}
