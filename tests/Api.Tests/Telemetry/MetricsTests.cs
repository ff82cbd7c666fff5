using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Telemetry;

/// <summary>What <c>/metrics</c> shows.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SwitchboardMeter>()
        .AddSingleton<PrometheusExporter>().BuildServiceProvider();

    private readonly PrometheusExporter _exporter;
    private readonly SwitchboardMeter _meter;

    public MetricsTests()
    {
        _exporter = _services.GetRequiredService<PrometheusExporter>();
        _meter = _services.GetRequiredService<SwitchboardMeter>();
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Gauges_are_there_from_the_start_and_add_up()
    {
        Assert.Contains("\nswitchboard_requests_pending 0\n", _exporter.Render(), StringComparison.Ordinal);

        _meter.ObservePending(static () => 2);
        _meter.ObservePending(static () => 3);
        _meter.ObserveSessions(static () => 7);

        const string Lines = "# TYPE switchboard_requests_pending gauge\nswitchboard_requests_pending 5\n";
        Assert.Contains(Lines, _exporter.Render(), StringComparison.Ordinal);
        Assert.Contains("\nswitchboard_sessions 7\n", _exporter.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void Histograms_are_cumulative_and_end_with_all()
    {
        _meter.TaskEnded(Verdict.Answered, TimeSpan.FromMilliseconds(1));
        _meter.TaskEnded(Verdict.Answered, TimeSpan.FromMilliseconds(3));
        _meter.TaskEnded(Verdict.Overloaded, TimeSpan.FromHours(1));

        var text = _exporter.Render();

        Assert.Contains("switchboard_task_duration_seconds_bucket{outcome=\"answered\",le=\"0.001\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("switchboard_task_duration_seconds_bucket{outcome=\"answered\",le=\"0.005\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("switchboard_task_duration_seconds_bucket{outcome=\"answered\",le=\"+Inf\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("switchboard_task_duration_seconds_sum{outcome=\"answered\"} 0.004\n", text, StringComparison.Ordinal);
        Assert.Contains("switchboard_task_duration_seconds_count{outcome=\"overloaded\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("switchboard_task_duration_seconds_bucket{outcome=\"overloaded\",le=\"600\"} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Label_values_are_escaped()
    {
        _meter.SessionClosed("a\"b\\c\nd");

        Assert.Contains("switchboard_sessions_ended_total{reason=\"a\\\"b\\\\c\\nd\"} 1\n", _exporter.Render(), StringComparison.Ordinal);
    }

    /// <summary>R5: words that somebody made up do not fill the memory.</summary>
    [Fact]
    public void Attributes_have_a_cap()
    {
        for (var i = 0; i < 1000; i++)
        {
            _meter.SessionClosed($"{i}");
        }

        const string Name = "switchboard_sessions_ended_total{";
        var lines = _exporter.Render().Split('\n').Count(static l => l.StartsWith(Name, StringComparison.Ordinal));
        Assert.Equal(200, lines);
    }

    /// <summary>What has no series of its own is not lost: the sum of all stays right, and the page says how much it was.</summary>
    [Fact]
    public void What_is_past_the_cap_is_kept_together()
    {
        for (var i = 0; i < 1000; i++)
        {
            _meter.SessionClosed($"{i}");
        }

        var text = _exporter.Render();
        Assert.Contains("switchboard_sessions_ended_total{otel_metric_overflow=\"true\"} 801\n", text, StringComparison.Ordinal);
        Assert.Contains("switchboard_metrics_overflowed_total 801\n", text, StringComparison.Ordinal);
    }

    /// <summary>Orleans' instruments: whole numbers, no words, dashes, milliseconds. The page has base units.</summary>
    [Fact]
    public void Instruments_of_others_are_shown_in_base_units()
    {
        var meter = _services.GetRequiredService<IMeterFactory>().Create("Microsoft.Orleans");
        meter.CreateHistogram<int>("orleans-some-latency", "ms").Record(20);
        meter.CreateHistogram<int>("orleans-some-size", "bytes").Record(100);
        var count = meter.CreateUpDownCounter<int>("orleans-some-things");
        count.Add(3, [new("kind", "a"), new("open", true)]);
        count.Add(-1, [new("kind", "a"), new("open", true)]);

        var text = _exporter.Render();
        Assert.Contains("# HELP orleans_some_latency_seconds orleans-some-latency of Microsoft.Orleans.\n", text, StringComparison.Ordinal);
        Assert.Contains("orleans_some_latency_seconds_bucket{le=\"0.01\"} 0\norleans_some_latency_seconds_bucket{le=\"0.025\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("orleans_some_latency_seconds_sum 0.02\n", text, StringComparison.Ordinal);
        Assert.Contains("orleans_some_size_bytes_bucket{le=\"256\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE orleans_some_things gauge\norleans_some_things{kind=\"a\",open=\"True\"} 2\n", text, StringComparison.Ordinal);
    }

    /// <summary>What an instrument no longer tells is no longer shown: activations of a kind of which there are none any more, say.</summary>
    [Fact]
    public void What_is_no_longer_observed_goes()
    {
        List<Measurement<int>> seen = [new(7, new KeyValuePair<string, object?>("kind", "a"))];
        _services.GetRequiredService<IMeterFactory>().Create("Microsoft.Orleans").CreateObservableGauge("orleans-some", () => seen);
        Assert.Contains("orleans_some{kind=\"a\"} 7\n", _exporter.Render(), StringComparison.Ordinal);

        seen[0] = new(8, new KeyValuePair<string, object?>("kind", "b"));

        var text = _exporter.Render();
        Assert.Contains("orleans_some{kind=\"b\"} 8\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("orleans_some{kind=\"a\"}", text, StringComparison.Ordinal);
    }

    /// <summary>An instrument that throws, of a silo that is stopping perhaps, takes no other with it.</summary>
    [Fact]
    public void An_instrument_that_fails_is_left_out()
    {
        var meter = _services.GetRequiredService<IMeterFactory>().Create("Microsoft.Orleans");
        meter.CreateObservableGauge("orleans-broken", int () => throw new ObjectDisposedException("silo"));
        meter.CreateObservableGauge("orleans-whole", () => 1);

        Assert.Contains("orleans_whole 1\n", _exporter.Render(), StringComparison.Ordinal);
    }

    /// <summary>Two instruments of one name and two kinds would make a page that nobody can read.</summary>
    [Fact]
    public void A_name_has_one_kind()
    {
        var meter = _services.GetRequiredService<IMeterFactory>().Create("Microsoft.Orleans");
        meter.CreateCounter<int>("orleans-twice").Add(1);
        meter.CreateCounter<int>("orleans.twice").Add(1);
        meter.CreateUpDownCounter<int>("orleans_twice_total").Add(1);

        Assert.Equal(1, _exporter.Render().Split("# TYPE orleans_twice_total ").Length - 1);
        Assert.Contains("# TYPE orleans_twice_total counter\norleans_twice_total 2\n", _exporter.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_hosts_metrics_stay_its_own()
    {
        using var other = new ServiceCollection().AddMetrics().AddSingleton<SwitchboardMeter>().BuildServiceProvider();

        other.GetRequiredService<SwitchboardMeter>().Displaced();

        Assert.DoesNotContain("switchboard_sessions_displaced_total 1", _exporter.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_threads_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                _meter.RequestAccepted();
                _meter.TaskEnded(Verdict.Answered, TimeSpan.FromSeconds(1));
            }
        }))).DefaultTimeout();

        var text = _exporter.Render();
        Assert.Contains("switchboard_requests_accepted_total 80000\n", text, StringComparison.Ordinal);
        Assert.Contains("switchboard_task_duration_seconds_count{outcome=\"answered\"} 80000\n", text, StringComparison.Ordinal);
        Assert.Contains("switchboard_task_duration_seconds_sum{outcome=\"answered\"} 80000\n", text, StringComparison.Ordinal);
    }

    /// <summary>Section 9: dots, no ids as attributes, every name in one file.</summary>
    [Fact]
    public void Every_instrument_is_named_in_one_file()
    {
        var names = typeof(MetricNames).GetFields().Select(static f => (string)f.GetRawConstantValue()!).ToHashSet(StringComparer.Ordinal);
        List<Instrument> instruments = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, _meter.Scope))
                {
                    instruments.Add(instrument);
                }
            },
        };
        listener.Start();

        Assert.NotEmpty(instruments);
        Assert.All(instruments, i => Assert.Contains(i.Name, names));
        Assert.All(instruments, static i => Assert.Matches("^switchboard(\\.[a-z_]+)+$", i.Name));
    }
}
