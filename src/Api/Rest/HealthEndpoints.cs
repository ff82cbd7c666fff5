using Switchboard.Api.FrontDoors;

namespace Switchboard.Api.Rest;

/// <summary>Implements <c>/health/live</c> (the process runs) and <c>/health/ready</c> (it accepts work).</summary>
internal sealed class HealthEndpoints(Readiness readiness)
{
    public static Task LiveAsync(HttpContext context)
        => Json.WriteAsync(context, StatusCodes.Status200OK, new HealthBody("live"), Json.Context.HealthBody);

    public async Task ReadyAsync(HttpContext context) => await (await readiness.FindObstacleAsync() is { } obstacle
        ? Problems.WriteAsync(context, obstacle.Verdict, obstacle.Detail, sent: false)
        : Json.WriteAsync(context, StatusCodes.Status200OK, new HealthBody("ready"), Json.Context.HealthBody));
}
