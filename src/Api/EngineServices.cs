using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.Admission;
using Switchboard.Api.Durable;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Grpc;
using Switchboard.Api.Hosting;
using Switchboard.Api.Peers;
using Switchboard.Api.Requests;
using Switchboard.Api.Routing;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Core.Requests;

namespace Switchboard.Api;

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

        // The limit of gRPC is somewhat higher than the gateway's, so that the gateway rejects with its verdict; gRPC rejects what is far
        // too long, or unpacks to that.
        services.Configure<GrpcServiceOptions>(static o => o.MaxReceiveMessageSize = RequestOptions.LongestMessage + (64 * 1024));
        services.PostConfigure<GrpcServiceOptions>(static o => o.CompressionProviders = [.. o.CompressionProviders.Select(static p => new CheckedUnpacking(p))]);
        services.AddSingleton<GatewayClock>();
        services.AddSingleton<TimerWheel>();
        services.AddSingleton<FrontDoor>();
        services.AddSingleton<IFrontDoor>(static p => p.GetRequiredService<FrontDoor>());
        services.AddSingleton(static p => new RouteCache<AgentSession>(p.GetRequiredService<IOptions<RequestOptions>>().Value.RouteCacheSize));
        services.AddSingleton<AgentRoutes<AgentSession>>();
        services.AddSingleton<LimitRejections>();
        services.AddSingleton<AdmissionLimits>();
        services.AddSingleton<ConnectWaiters>();
        services.AddSingleton<ISessionObserver>(static p => p.GetRequiredService<ConnectWaiters>());
        services.AddSingleton<InFlightRequests>();
        services.AddSingleton<RequestAdmission>();
        services.AddSingleton<RequestForwarder>();
        services.AddSingleton<IRequestForwarder, TracingForwarder>();
        services.AddDurableRequests();
        services.AddSingleton<IRequestLookup, RequestLookup>();
        services.AddSingleton<ResponseCallHandler>();
        services.AddSingleton<UnfinishedMessages>();

        // It has no state. Unregistered, it would be created for every call.
        services.AddSingleton<AgentGatewayService>();
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<ILocalSessions<AgentSession>>(static p => p.GetRequiredService<SessionRegistry>());
        services.AddSingleton<SessionAnnouncer>();
        services.AddSingleton<SessionLog>();
        services.AddSingleton<ConnectTurns>();
        services.AddSingleton<SubscriptionHandler>();
        services.AddSwitchboardOptions<PeerOptions>(PeerOptions.SectionName);
        services.AddSingleton<PeerCertificate>();
        services.AddSingleton<PeerEndpoint>();
        services.AddSingleton<IPeerEndpoint>(static p => p.GetRequiredService<PeerEndpoint>());
        services.AddSingleton<PeerCalls>();
        services.AddSingleton<PeerDirectory>();
        services.AddSingleton<PeerConnections>();
        services.AddSingleton<IRemoteFrontDoors, RemoteFrontDoors>();
        services.AddSingleton<IRemoteResponses, RemoteResponses>();
        services.AddSingleton<HandedRequests>();
        services.AddSingleton<PeerService>();
        services.AddSingleton<PeerPort>();
        services.AddSingleton<Func<IFrontDoorObserver>>(static p => () => ActivatorUtilities.CreateInstance<FrontDoorObserver>(p));

        // In this order, for which each gives its reason.
        services.AddSingleton<IFrontDoorParticipant, RequestDrain>();
        services.AddSingleton<IFrontDoorParticipant, SessionDrain>();
        services.AddSingleton<IFrontDoorParticipant>(static p => p.GetRequiredService<PeerDirectory>());
        services.AddSingleton<IFrontDoorParticipant, SessionBalancer>();
        services.AddHostedService<FrontDoorService>();
        services.AddHostedService<FrontDoorDrain>();
        services.AddHostedService<SessionHeartbeats>();
        services.AddHostedService<ConnectWatch>();
        return services;
    }
}
