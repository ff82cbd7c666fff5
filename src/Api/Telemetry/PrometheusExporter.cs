using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Collects the measurements of <see cref="Meters"/> from the start of the process, and renders them in Prometheus' text format (version
/// 0.0.4).
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    /// <summary>The content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _rendering = new();
    private readonly SwitchboardMeter _meter;

    /// <param name="meter">Our meter: the meters of its host are shown, and it counts measurements that find no series.</param>
    public PrometheusExporter(SwitchboardMeter meter)
    {
        _meter = meter;
        _listener.InstrumentPublished = Listen;
        _listener.SetMeasurementEventCallback<int>(static (_, value, attributes, family) => ((MetricFamily)family!).Take(value, attributes));
        _listener.SetMeasurementEventCallback<long>(static (_, value, attributes, family) => ((MetricFamily)family!).Take(value, attributes));
        _listener.SetMeasurementEventCallback<float>(static (_, value, attributes, family) => ((MetricFamily)family!).Take(value, attributes));
        _listener.SetMeasurementEventCallback<double>(static (_, value, attributes, family) => ((MetricFamily)family!).Take(value, attributes));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Renders all metrics.</summary>
    public string Render()
    {
        var text = new StringBuilder(64 * 1024);

        // One at a time: a concurrent call would find the observed values dropped.
        lock (_rendering)
        {
            Observe();
            foreach (var (_, family) in _families.OrderBy(static f => f.Key, StringComparer.Ordinal))
            {
                PrometheusText.Write(text, family);
            }
        }

        return text.ToString();
    }

    private void Observe()
    {
        foreach (var family in _families.Values)
        {
            family.ForgetObserved();
        }

        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException)
        {
            // All were observed; one that threw (of a silo that is stopping, for example) has no value this time.
        }
    }

    private void Listen(Instrument instrument, MeterListener listener)
    {
        // Another host of the same process has meters of the same names; the runtime's belong to the process.
        var ours = instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, _meter.Scope);
        if (!ours || !Meters.All.Contains(instrument.Meter.Name, StringComparer.Ordinal))
        {
            return;
        }

        // A name has one type and one meaning on the page: a second instrument of the same name adds to it, or is left out.
        var shape = MetricShape.Of(instrument);
        var family = _families.GetOrAdd(shape.Name, static (_, made) => new MetricFamily(made.shape, made._meter.SeriesOverflowed), (shape, _meter));
        if (family.Shape.Kind == shape.Kind)
        {
            listener.EnableMeasurementEvents(instrument, family);
        }
    }
}
