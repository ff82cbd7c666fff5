using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Sends metrics, spans and logs to a collector where <see cref="OtlpSettings"/> says so. The exporter sends from a thread of its own, in
/// batches with a bound: a collector that is away costs what it did not get, and nothing else.
/// </summary>
internal static class OtlpExport
{
    private const string ServiceName = "OTEL_SERVICE_NAME";

    // Beside ours, what the runtime, Kestrel and Orleans measure of themselves; a name that nobody has costs nothing.
    private static readonly string[] Meters =
        [MetricNames.Meter, "Microsoft.Orleans", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    public static void AddOtlpExport(this WebApplicationBuilder builder)
    {
        IConfiguration settings = builder.Configuration;
        OtlpSettings otlp = OtlpSettings.Read(settings);
        if (otlp.Logs)
        {
            builder.Logging.AddOpenTelemetry(logs => logs.SetResourceBuilder(Describe(ResourceBuilder.CreateDefault(), settings)).AddOtlpExporter());
        }

        if (otlp.Traces || otlp.Metrics)
            builder.Services.AddHostedService(_ => new Providers(otlp, settings));
    }

    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are read by the SDK and win.
    private static ResourceBuilder Describe(ResourceBuilder resource, IConfiguration settings)
    {
        string name = settings[ServiceName] is { Length: > 0 } given ? given : "switchboard";
        return resource.AddService(name, serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3), serviceInstanceId: Environment.MachineName)
            .AddEnvironmentVariableDetector();
    }

    /// <summary>Begins before the first connection and ends after the last: a hosted service that is added before the server.</summary>
    private sealed class Providers(OtlpSettings otlp, IConfiguration settings) : IHostedService, IDisposable
    {
        private TracerProvider? _traces;
        private MeterProvider? _metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (otlp.Traces)
            {
                _traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(Configure).ConfigureResource(r => Describe(r, settings))
                    .AddSource(MetricNames.Meter).AddOtlpExporter().Build();
            }

            if (otlp.Metrics)
            {
                _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(Configure).ConfigureResource(r => Describe(r, settings))
                    .AddMeter(Meters).AddOtlpExporter().Build();
            }

            return Task.CompletedTask;
        }

        // What is left in the batches goes out, within the exporter's own time limit.
        public Task StopAsync(CancellationToken cancellationToken) => Task.Run(Dispose, CancellationToken.None);

        public void Dispose()
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }

        // The exporter reads its variables from the program's settings, so that appsettings.json and tests can set them too.
        private void Configure(IServiceCollection services) => services.AddSingleton(settings);
    }
}
