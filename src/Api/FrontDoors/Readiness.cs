using Microsoft.Extensions.Diagnostics.HealthChecks;
using Switchboard.Api.Hosting;

namespace Switchboard.Api.FrontDoors;

/// <summary>Does this front door take work? <c>/health/ready</c> and gRPC's health service both ask here.</summary>
internal sealed class Readiness(IFrontDoor frontDoor, Drain drain) : IHealthCheck
{
    /// <summary>Why it takes none; null: it does.</summary>
    public string? Obstacle
        => drain.Stopping || frontDoor.Stopping ? "The gateway is stopping." : frontDoor.Ready ? null : "The gateway is starting.";

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(Obstacle is { } obstacle ? HealthCheckResult.Unhealthy(obstacle) : HealthCheckResult.Healthy());
}
