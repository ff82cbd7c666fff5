using Switchboard.Api.Errors;
using Switchboard.Api.FrontDoors;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Http;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: it takes work.</summary>
internal sealed class HealthEndpoints(Readiness readiness)
{
    public static Task LiveAsync(HttpContext context)
        => Json.WriteAsync(context, StatusCodes.Status200OK, new HealthBody("live"), Json.Context.HealthBody);

    public Task ReadyAsync(HttpContext context) => readiness.Obstacle is { } obstacle
        ? Problems.WriteAsync(context, Verdict.Draining, obstacle, sent: false)
        : Json.WriteAsync(context, StatusCodes.Status200OK, new HealthBody("ready"), Json.Context.HealthBody);
}
