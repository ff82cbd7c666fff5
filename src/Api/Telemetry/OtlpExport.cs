using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Sends metrics, spans and logs to a collector if <see cref="OtlpSettings"/> says so. The exporter sends from a thread of its own, in
/// bounded batches: while a collector is away, only what it did not receive is lost. The remaining batches are sent when the host is
/// disposed, within the exporter's own time limit.
/// </summary>
internal static class OtlpExport
{
    private const string ServiceName = "OTEL_SERVICE_NAME";

    public static void AddOtlpExport(this WebApplicationBuilder builder)
    {
        var otlp = OtlpSettings.Read(builder.Configuration);
        if (!otlp.Any)
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(r => Describe(r, builder.Configuration[ServiceName]));
        if (otlp.Logs)
        {
            telemetry.WithLogging(static logs => logs.AddOtlpExporter());
        }

        if (otlp.Traces)
        {
            telemetry.WithTracing(static traces => traces.AddSource(MetricNames.Meter).AddOtlpExporter());
        }

        if (otlp.Metrics)
        {
            telemetry.WithMetrics(static metrics => metrics.AddMeter(Meters.All).AddOtlpExporter());
        }
    }

    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are read by the SDK and take precedence.
    private static void Describe(ResourceBuilder resource, string? name)
    {
        var service = string.IsNullOrEmpty(name) ? "switchboard" : name;
        resource.AddService(service, serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3), serviceInstanceId: Environment.MachineName)
            .AddEnvironmentVariableDetector();
    }
}
