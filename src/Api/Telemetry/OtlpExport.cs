using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Sends metrics, spans and logs to a collector where <see cref="OtlpSettings"/> says so. The exporter sends from a thread of its own, in
/// batches with a bound: a collector that is away costs what it did not get, and nothing else. What is left in the batches goes out when
/// the host is disposed, within the exporter's own time limit.
/// </summary>
internal static class OtlpExport
{
    private const string ServiceName = "OTEL_SERVICE_NAME";

    public static void AddOtlpExport(this WebApplicationBuilder builder)
    {
        OtlpSettings otlp = OtlpSettings.Read(builder.Configuration);
        if (!otlp.Any)
            return;
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(r => Describe(r, builder.Configuration[ServiceName]));
        if (otlp.Logs)
            telemetry.WithLogging(static logs => logs.AddOtlpExporter());
        if (otlp.Traces)
            telemetry.WithTracing(static traces => traces.AddSource(MetricNames.Meter).AddOtlpExporter());
        if (otlp.Metrics)
            telemetry.WithMetrics(static metrics => metrics.AddMeter(Meters.All).AddOtlpExporter());
    }

    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are read by the SDK and win.
    private static void Describe(ResourceBuilder resource, string? name)
    {
        string service = string.IsNullOrEmpty(name) ? "switchboard" : name;
        resource.AddService(service, serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3), serviceInstanceId: Environment.MachineName)
            .AddEnvironmentVariableDetector();
    }
}
