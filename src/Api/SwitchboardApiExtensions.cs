using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Grpc;
using Switchboard.Api.Hosting;
using Switchboard.Api.Listening;
using Switchboard.Api.Peers;
using Switchboard.Api.Rest;
using Switchboard.Api.Startup;
using Switchboard.Api.Tasks;
using Switchboard.Api.Telemetry;

namespace Switchboard.Api;

/// <summary>Adds the front door to a web program.</summary>
public static class SwitchboardApiExtensions
{
    // The host's time in addition to the drain and the last responses: closing connections, releasing leases.
    private static readonly TimeSpan _restOfShutdown = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Adds the front door: REST, gRPC, tasks, telemetry, and Kestrel's end points. Call it after <c>UseOrleans</c> or
    /// <c>UseOrleansClient</c>: services start in their order, and the front door asks the cluster for its number before the first
    /// connection.
    /// </summary>
    public static WebApplicationBuilder AddSwitchboardApi(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSwitchboardLogging();
        services.AddSwitchboardOptions<ListeningOptions>(ListeningOptions.SectionName);
        services.AddSwitchboardOptions<AuthOptions>(AuthOptions.SectionName);
        services.AddSingleton<IValidateOptions<ListeningOptions>, AuthOptions.Validation>();
        services.AddSwitchboardOptions<ShutdownOptions>(ShutdownOptions.SectionName);
        services.AddSwitchboardOptions<TaskOptions>(TaskOptions.SectionName);

        // Sections of the shared settings file that only some of the programs read.
        services.AllowSwitchboardSection("Switchboard:Grains");
        services.AllowSwitchboardSection("Switchboard:Agents");
        services.AllowSwitchboardSection("Switchboard:Silo");
        services.AllowSwitchboardSection("Switchboard:Storage");
        services.AllowSwitchboardSection("Switchboard:Cluster");

        services.AddSingleton<ListenAddresses>();
        services.AddSingleton<ConnectionGate>();
        services.AddSingleton<HostNames>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelSetup>();
        services.AddSingleton<IConfigureOptions<HostOptions>, ShutdownTime>();
        services.AddSingleton<Drain>();
        services.AddHostedService(static p => p.GetRequiredService<Drain>());
        services.AddHostedService<HeapTrimmer>();
        services.AddSingleton<SwitchboardMeter>();
        services.AddSingleton<GrpcMeter>();
        services.AddSingleton<PrometheusExporter>();
        builder.AddOtlpExport();
        services.AddSingleton<TaskSubmitter>();
        services.AddSingleton<RequestIds>();
        services.AddSingleton<EchoEndpoint>();
        services.AddSingleton<AgentRequestEndpoint>();
        services.AddSingleton<StoredResponseWriter>();
        services.AddSingleton<RequestEndpoints>();
        services.AddSingleton<AgentRequestsEndpoint>();
        services.AddSingleton<AgentEndpoints>();
        services.AddSingleton<ClusterEndpoint>();
        services.AddSingleton<HealthEndpoints>();
        services.AddGrpc();
        services.AddSideServices();
        services.AddOpenApi(static options => options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info.Title = "Switchboard";
            document.Info.Version = "v1";
            return Task.CompletedTask;
        }));
        services.AddSwitchboardEngine();
        return builder;
    }

    /// <summary>Maps every route and RPC. Call after <see cref="AddSwitchboardApi"/> and before the program starts.</summary>
    public static WebApplication MapSwitchboardApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        // Before the first endpoint is created: each reads its own section, and would report only the errors of that.
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.Services.GetRequiredService<GrpcMeter>();
        var peers = app.Services.GetRequiredService<PeerPort>();
        peers.Use(app);
        app.UseFirstRequest();
        app.UseClosingConnections();
        app.UseHostNames();
        app.UseDirectRoutes();
        app.UseRouting();
        app.UsePortRoles();
        app.UseCheckedHeads();
        app.MapGrpcService<AgentGatewayService>();
        peers.Map(app);
        app.MapSideServices();
        app.MapOpenApi();
        app.MapReferencePage();
        Routes.Map(app);
        return app;
    }

    // The host's shutdown timeout must be longer than all that is done in it, or a drain is cut short.
    private sealed class ShutdownTime(IOptions<ShutdownOptions> shutdown) : IConfigureOptions<HostOptions>
    {
        public void Configure(HostOptions options)
        {
            if (shutdown.ValueIfRight() is { } settings)
            {
                options.ShutdownTimeout = settings.DrainTime + ShutdownOptions.LastResponses + _restOfShutdown;
            }
        }
    }
}
