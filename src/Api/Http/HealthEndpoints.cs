using Switchboard.Api.Errors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Hosting;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Http;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: it takes work.</summary>
internal sealed class HealthEndpoints(IFrontDoor frontDoor, Drain drain)
{
    public static Task LiveAsync(HttpContext context)
        => Json.WriteAsync(context, StatusCodes.Status200OK, new HealthBody("live"), Json.Context.HealthBody);

    public Task ReadyAsync(HttpContext context)
    {
        if (drain.Stopping || frontDoor.Stopping)
        {
            return Problems.WriteAsync(context, Verdict.Draining, "The gateway is stopping.", sent: false);
        }

        return frontDoor.Ready
            ? Json.WriteAsync(context, StatusCodes.Status200OK, new HealthBody("ready"), Json.Context.HealthBody)
            : Problems.WriteAsync(context, Verdict.Draining, "The gateway is starting.", sent: false);
    }
}
