using Switchboard.Api;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Hosting;
using Switchboard.Api.Listening;
using Switchboard.Api.Peers;
using Switchboard.Api.Startup;
using Switchboard.Grains;
using Switchboard.Silo.Clustering;
using Switchboard.Silo.Dashboard;
using Switchboard.Silo.Demo;
using Switchboard.Silo.Storage;

namespace Switchboard.Silo.Hosting;

/// <summary>Runs a silo and, in the same process, the front door.</summary>
public static class SiloProgram
{
    private const string Demo = "demo";
    private const string Help = "help";
    private const string Migrate = "migrate";
    private const string Version = "version";

    /// <summary>Runs until it is stopped and returns the exit code: 0, or one of <see cref="StartupErrors"/>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var line = CommandLine.Parse(args, Demo, Help, Migrate, Version);
        if (!StartupErrors.Accept(line, Console.Error))
        {
            await Console.Error.WriteLineAsync("--help lists what there is.");
            return StartupErrors.BadSettings;
        }

        if (line.Flags.Contains(Help) || line.Flags.Contains(Version))
        {
            await Console.Out.WriteLineAsync(line.Flags.Contains(Help) ? Usage.Text : Banner.Version);
            return 0;
        }

        if (line.Flags.Contains(Migrate))
        {
            return await MigrateCommand.RunAsync(line.Settings, Console.Out, Console.Error);
        }

        var demo = line.Flags.Contains(Demo);
        return await StartupErrors.RunAsync(() => Build(line.Settings, demo), Console.Error, async app =>
        {
            var addresses = app.Services.GetRequiredService<ListenAddresses>();
            await Console.Out.WriteLineAsync(Banner.Lines(addresses.Http, addresses.Grpc, addresses.Admin, demo));
        });
    }

    /// <summary>Builds the program without starting it.</summary>
    /// <param name="settings">Settings as on the command line: <c>--Switchboard:Listen:HttpPort=0</c>.</param>
    /// <param name="demo">Connects the demo agent too.</param>
    public static WebApplication Build(string[] settings, bool demo = false)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = SettingsFolder.Find() });
        // Services start in this order and stop in the opposite one: the front door leases its number from a silo that is up, and releases
        // it at one that is still there.
        builder.AddSilo();
        builder.AddSwitchboardApi();
        if (demo)
        {
            // The gateway itself logs that an agent has connected.
            builder.Services.AddLogLevel("Switchboard.Client", LogLevel.Warning);
            builder.Services.AddHostedService(p => new DemoAgentRunner(
                p.GetRequiredService<IHostApplicationLifetime>(),
                () => p.GetRequiredService<ListenAddresses>().Grpc,
                p.GetRequiredService<TimeProvider>(),
                p.GetRequiredService<ILoggerFactory>()));
        }

        var app = builder.Build();
        app.MapSwitchboardApi();
        app.MapDashboardPage();
        return app;
    }

    private static void AddSilo(this WebApplicationBuilder builder)
    {
        builder.Services.AddSwitchboardOptions<SiloNetworkOptions>(SiloNetworkOptions.SectionName);
        builder.Services.AddSwitchboardOptions<GrainOptions>(GrainOptions.SectionName);
        builder.Services.AddSwitchboardOptions<AgentPolicyOptions>(AgentPolicyOptions.SectionName);

        // Warns once at each start of a check that has not begun yet.
        builder.Services.AddLogLevel("Orleans.Runtime.Watchdog", LogLevel.Error);
        // Warns at each start that the garbage collector is the workstation's, which is intended, and of nothing else that matters.
        builder.Services.AddLogLevel("Orleans.Runtime.Silo", LogLevel.Error);

        builder.Services.AddSwitchboardOptions<StorageOptions>(StorageOptions.SectionName);
        builder.Services.AddClusteringOptions();
        var network = builder.Configuration.Peek<SiloNetworkOptions>(SiloNetworkOptions.SectionName);
        var storage = builder.Configuration.Peek<StorageOptions>(StorageOptions.SectionName);
        var cluster = builder.Configuration.Peek<ClusteringOptions>(ClusteringOptions.SectionName);
        builder.Services.AddStorageChecks(storage, cluster);
        builder.Services.PostConfigure<FrontDoorOptions>(o =>
        {
            o.Cluster |= cluster.Provider != ClusterProvider.None;
            o.FenceAfter = cluster.FenceAfter;
        });
        builder.Services.PostConfigure<PeerOptions>(o => o.DefaultAddress = network.Endpoint);
        builder.Services.AddSingleton(PortOf(network, network.SiloPort, nameof(network.SiloPort)));
        if (network.GatewayPort != 0)
        {
            builder.Services.AddSingleton(PortOf(network, network.GatewayPort, nameof(network.GatewayPort)));
        }

        builder.UseOrleans(silo => silo
            .UseKubernetesWhereItRuns(cluster, network)
            .UseClustering(cluster, storage, network)
            .UseStorage(storage, cluster)
            .AddSwitchboardGrains()
            .AddDashboardPage());
    }

    private static ListeningPort PortOf(SiloNetworkOptions network, int port, string key) =>
        new(new(network.Endpoint, port), $"{SiloNetworkOptions.SectionName}:{key}");
}
