using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Grains.Tasks;

/// <summary>
/// Measures what waits in this silo's queues. Tenants' queues of one name count together: there are as many names as registered appliers,
/// and any number of tenants.
/// </summary>
internal sealed class QueueMeter
{
    private readonly ConcurrentDictionary<string, Depth> _queues = new(StringComparer.Ordinal);

    public QueueMeter(IMeterFactory factory) => factory.Create(MetricNames.Meter)
        .CreateObservableGauge(MetricNames.QueueDepth, Measure, "{task}", "Tasks that wait in a queue.");

    /// <summary>Returns the count of one name, which is kept for good; its owners add what is queued and subtract what leaves.</summary>
    public Depth Of(string queue) => _queues.GetOrAdd(queue, static _ => new Depth());

    private IEnumerable<Measurement<long>> Measure() =>
        _queues.Select(static q => new Measurement<long>(q.Value.Count, new KeyValuePair<string, object?>(MetricNames.Queue, q.Key)));

    /// <summary>Counts the tasks that wait in the queues of one name.</summary>
    internal sealed class Depth
    {
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public void Add(long change) => Interlocked.Add(ref _count, change);
    }
}
