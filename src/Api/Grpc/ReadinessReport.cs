using Microsoft.Extensions.Diagnostics.HealthChecks;
using Switchboard.Api.FrontDoors;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Reports <see cref="Readiness"/> alone to the framework's health checks. The framework's own service logs an error each time that a check
/// fails: once a second while the gateway starts or stops, which is no error.
/// </summary>
internal sealed class ReadinessReport(Readiness readiness) : HealthCheckService
{
    public override async Task<HealthReport> CheckHealthAsync(
        Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken = default)
    {
        var result = await readiness.CheckHealthAsync(new HealthCheckContext(), cancellationToken);
        var entry = new HealthReportEntry(result.Status, result.Description, TimeSpan.Zero, result.Exception, result.Data);
        return new HealthReport(new Dictionary<string, HealthReportEntry> { [nameof(Readiness)] = entry }, TimeSpan.Zero);
    }
}
