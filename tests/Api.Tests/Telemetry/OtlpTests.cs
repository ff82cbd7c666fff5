using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Telemetry;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Telemetry;

/// <summary>Section 9: metrics, spans and logs to a collector, set up by OpenTelemetry's own variables.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task Metrics_spans_and_logs_arrive_at_a_collector()
    {
        await using var collector = await Collector.StartAsync();
        await using (var host = await GatewayHost.StartAsync(null, null, [.. collector.Settings, ("OTEL_SERVICE_NAME", "our-gateway")]))
        {
            await using var agent = await TestAgent.ConnectAsync(host, "otlp-agent");
            _ = agent.EchoAsync();
            Assert.Equal("hi", (await TestCall.RunAsync(host, "otlp-agent", "hi")).Text);
            host.Service<ILoggerFactory>().CreateLogger("otlp").LogWarning("a line for the collector");
        }

        // What was not sent before goes out when the program stops.
        Assert.Contains(MetricNames.RequestDuration, collector.Text("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains(MetricNames.Sessions, collector.Text("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains(SpanNames.Publish, collector.Text("/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("a line for the collector", collector.Text("/v1/logs"), StringComparison.Ordinal);
        Assert.All(new[] { "/v1/metrics", "/v1/traces", "/v1/logs" }, p => Assert.Contains("our-gateway", collector.Text(p), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_signal_can_be_switched_off()
    {
        await using var collector = await Collector.StartAsync();
        await using (await GatewayHost.StartAsync(null, null, [.. collector.Settings, ("OTEL_TRACES_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none")]))
        {
        }

        Assert.Equal(["/v1/metrics"], collector.Paths);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, false, false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://x:4317", "OTEL_SDK_DISABLED=true")]
    [InlineData(true, true, true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://x:4317")]
    [InlineData(true, false, false, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://x/v1/traces")]
    [InlineData(false, true, true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://x:4317", "OTEL_TRACES_EXPORTER=none")]
    public void The_usual_variables_decide_what_is_sent(bool traces, bool metrics, bool logs, params string[] variables) =>
        Assert.Equal(new OtlpSettings(traces, metrics, logs), OtlpSettings.Read(Settings(variables)));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT is 'localhost:4317'; it must be an address like http://localhost:4317.", "OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317")]
    [InlineData("OTEL_METRICS_EXPORTER is 'prometheus'; it must be otlp or none.", "OTEL_METRICS_EXPORTER=prometheus")]
    public void A_wrong_variable_stops_the_start_by_its_name(string expected, params string[] variables)
    {
        var error = Assert.Throws<OptionsValidationException>(() => OtlpSettings.Read(Settings(variables)));
        Assert.Equal([expected], error.Failures);
    }

    private static IConfiguration Settings(string[] variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Select(v => v.Split('=', 2)).Select(v => KeyValuePair.Create(v[0], (string?)v[1]))).Build();

    /// <summary>A collector that keeps what it is sent (OTLP over HTTP, protobuf).</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Text)> _received = new();

        public (string, string)[] Settings =>
            [("OTEL_EXPORTER_OTLP_ENDPOINT", app.Urls.Single()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")];

        public IEnumerable<string> Paths => _received.Select(r => r.Path).Distinct().Order();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Configuration["urls"] = "http://127.0.0.1:0";
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var collector = new Collector(app);
            app.MapPost("/v1/{signal}", collector.TakeAsync);
            await app.StartAsync().DefaultTimeout();
            return collector;
        }

        // Names travel as they are in protobuf, so that text is enough to look for.
        public string Text(string path) => string.Concat(_received.Where(r => r.Path == path).Select(r => r.Text));

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
            _received.Enqueue((context.Request.Path.Value!, await reader.ReadToEndAsync()));
        }
    }
}
