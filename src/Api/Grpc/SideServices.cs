using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Switchboard.Api.FrontDoors;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Registers gRPC's standard services: health (<c>grpc.health.v1.Health</c>, serving while the front door accepts work) and reflection.
/// </summary>
internal static class SideServices
{
    // A name and little more. A Watch keeps its name in memory for as long as it lasts.
    private const int MaxHealthRequestBytes = 1024;
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(1);

    public static void AddSideServices(this IServiceCollection services)
    {
        services.AddSingleton<ClusterProbe>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<HealthCheckService, ReadinessReport>();
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks(static o => o.Services.Map(AgentGateway.Descriptor.FullName, static _ => true))
            .AddCheck<Readiness>(nameof(Readiness));
        services.Configure<HealthCheckPublisherOptions>(static o => (o.Delay, o.Period) = (TimeSpan.Zero, _lookEvery));
    }

    /// <summary>Maps both services.</summary>
    public static void MapSideServices(this WebApplication app)
    {
        var drain = app.Services.GetRequiredService<Drain>();
        app.MapGrpcHealthChecksService().WithMetadata(new RequestSizeLimitAttribute(MaxHealthRequestBytes)).Add(e => EndWith(e, drain));
        app.MapGrpcReflectionService().Add(e => EndWith(e, drain));
    }

    // A Watch ends by itself when the stop begins, if its client reads; reflection ends when its client ends it. Kestrel would wait for
    // either until the host's shutdown timeout.
    private static void EndWith(EndpointBuilder endpoint, Drain drain)
    {
        var inner = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = async context =>
        {
            await using var cut = drain.Ended.UnsafeRegister(static c => ((HttpContext)c!).Abort(), context);
            await inner(context);
        };
    }
}
