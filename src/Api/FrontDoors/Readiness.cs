using Microsoft.Extensions.Diagnostics.HealthChecks;
using Switchboard.Core.Requests;

namespace Switchboard.Api.FrontDoors;

/// <summary>Describes why a front door accepts no work.</summary>
/// <param name="Verdict">The verdict that callers get meanwhile.</param>
/// <param name="Detail">The detail, for display.</param>
internal sealed record Obstacle(Verdict Verdict, string Detail);

/// <summary>Determines whether this front door accepts work, for <c>/health/ready</c> and gRPC's health service alike.</summary>
internal sealed class Readiness(IFrontDoor frontDoor, Drain drain, ClusterProbe cluster) : IHealthCheck
{
    /// <summary>Returns why it accepts none; null if it does, and the cluster replies.</summary>
    public async ValueTask<Obstacle?> FindObstacleAsync()
    {
        if (drain.Stopping || frontDoor.Stopping)
        {
            return new(Verdict.Draining, "The gateway is stopping.");
        }

        if (!frontDoor.Ready)
        {
            return new(Verdict.Draining, "The gateway is starting.");
        }

        return await cluster.ProblemAsync() is { } problem ? new(Verdict.Unavailable, problem) : null;
    }

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => await FindObstacleAsync() is { } obstacle ? HealthCheckResult.Unhealthy(obstacle.Detail) : HealthCheckResult.Healthy();
}
