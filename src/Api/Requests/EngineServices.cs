using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Grpc;
using Switchboard.Api.Hosting;
using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>Registers the engine: front door, sessions and requests.</summary>
internal static class EngineServices
{
    public static IServiceCollection AddSwitchboardEngine(this IServiceCollection services)
    {
        services.AddSwitchboardOptions<FrontDoorOptions>(FrontDoorOptions.SectionName);
        services.AddSwitchboardOptions<AgentSessionOptions>(AgentSessionOptions.SectionName);
        services.AddSwitchboardOptions<RequestOptions>(RequestOptions.SectionName);
        services.AddSwitchboardOptions<AdmissionOptions>(AdmissionOptions.SectionName);
        services.TryAddSingleton(TimeProvider.System);

        // A little more than is allowed is read, so that it can be refused with the verdict; what is far too long gRPC refuses by itself.
        services.Configure<GrpcServiceOptions>(static o => o.MaxReceiveMessageSize = RequestOptions.LongestMessage + (64 * 1024));
        services.AddSingleton<GatewayClock>();
        services.AddSingleton<DeadlineWheel>();
        services.AddSingleton<FrontDoor>();
        services.AddSingleton<IFrontDoor>(static p => p.GetRequiredService<FrontDoor>());
        services.AddSingleton(static p => new RouteCache<AgentSession>(p.GetRequiredService<IOptions<RequestOptions>>().Value.RouteCacheSize));
        services.AddSingleton<AgentRoutes>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<AdmissionLimits>();
        services.AddSingleton<AgentArrivals>();
        services.AddSingleton<RequestRegister>();
        services.AddSingleton<RequestAdmission>();
        services.AddSingleton<LiveRequests>();
        services.AddSingleton<ILiveRequests, TracedRequests>();
        services.AddSingleton<DurableDeliveries>();
        services.AddSingleton<DurableWaits>();
        services.AddSingleton<IDurableRequests, DurableRequests>();
        services.AddSingleton<IRequestLookup, RequestLookup>();
        services.AddSingleton<AnswerCalls>();
        services.AddSingleton<UnfinishedMessages>();

        // It has no state of its own. Not registered, it would be made anew for every call.
        services.AddSingleton<AgentGatewayService>();
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<SessionCalls>();
        services.AddSingleton<SessionLog>();
        services.AddSingleton<ConnectTurns>();
        services.AddSingleton<Subscriptions>();
        services.AddHostedService<FrontDoorService>();
        services.AddHostedService<FrontDoorDrain>();
        services.AddHostedService<SessionPulse>();
        return services;
    }
}
