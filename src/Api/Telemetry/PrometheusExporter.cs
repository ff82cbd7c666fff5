using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Collects what <see cref="SwitchboardMeter"/> measures, from the start of the process, and shows it as Prometheus' text (version
/// 0.0.4). Instruments and their values are kept by name and attributes, both of which are few and fixed; past a bound new ones are
/// dropped rather than held.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    /// <summary>Its content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const int MaxSeriesOfOne = 200;
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> _instruments = new();
    private readonly MeterListener _listener = new();

    public PrometheusExporter(SwitchboardMeter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Another host of the same process has a meter of the same name.
            if (instrument.Meter.Name == MetricNames.Meter && ReferenceEquals(instrument.Meter.Scope, meter.Scope))
            {
                _instruments.TryAdd(instrument, new ConcurrentDictionary<string, Series>(StringComparer.Ordinal));
                listener.EnableMeasurementEvents(instrument, this);
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (i, value, tags, state) => ((PrometheusExporter)state!).Take(i, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (i, value, tags, state) => ((PrometheusExporter)state!).Take(i, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Everything, as text.</summary>
    public string Render()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder(4096);
        foreach (var (instrument, series) in _instruments.OrderBy(static i => i.Key.Name, StringComparer.Ordinal))
        {
            PrometheusText.Write(text, instrument, [.. series.Values.OrderBy(static s => s.Labels, StringComparer.Ordinal)]);
        }

        return text.ToString();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_instruments.TryGetValue(instrument, out var all))
        {
            return;
        }

        var series = FindSeries(instrument, all, tags);
        if (instrument is Histogram<double>)
        {
            series?.Record(value);
        }
        else if (Series.IsGauge(instrument))
        {
            series?.Set(value);
        }
        else
        {
            series?.Add(value);
        }
    }

    private static Series? FindSeries(
        Instrument instrument, ConcurrentDictionary<string, Series> all, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Nearly all have one attribute or none, whose value serves as the key as it is: no text is made on the way of a request.
        var key = tags.Length switch
        {
            0 => "",
            1 when tags[0].Value is string only => only,
            _ => PrometheusText.Labels(tags),
        };
        if (all.TryGetValue(key, out var series))
        {
            return series;
        }

        var bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries;
        return all.Count < MaxSeriesOfOne ? all.GetOrAdd(key, new Series(PrometheusText.Labels(tags), bounds)) : null;
    }
}
