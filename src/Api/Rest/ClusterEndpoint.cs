using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;

namespace Switchboard.Api.Rest;

/// <summary>Implements <c>GET /v1/cluster</c>: the front doors whose leases hold.</summary>
internal sealed class ClusterEndpoint(IGrainFactory grains, IFrontDoor frontDoor, GatewayClock clock, RequestIds ids)
{
    public async Task GetAsync(HttpContext context)
    {
        var registry = grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
        var leases = await GrainCalls.AskAsync(registry.List, clock.Time);
        if (ids.Next() is { } id)
        {
            context.Response.Headers[Problems.RequestIdHeader] = id.ToString();
        }

        var body = new ClusterBody(
            [.. leases.OrderBy(static lease => lease.Number).Select(lease => FrontDoorBody.From(lease, isThis: lease.Holder == frontDoor.Holder))]);
        await Json.WriteAsync(context, StatusCodes.Status200OK, body, Json.Context.ClusterBody);
    }
}
