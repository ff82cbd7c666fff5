using System.Net;
using Switchboard.Abstractions;
using Switchboard.Api.Hosting;
using Switchboard.Grains;
using Switchboard.Silo.Dashboard;
using Switchboard.Silo.Demo;

namespace Switchboard.Silo.Hosting;

/// <summary>The program that most people run: a silo and, in the same process, the front door.</summary>
public static class SiloProgram
{
    private const string Demo = "demo";
    private const string Help = "help";
    private const string Version = "version";

    /// <summary>Runs until it is stopped and returns the exit code: 0, 2 for wrong settings, 3 where it cannot listen.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var line = CommandLine.Parse(args, Demo, Help, Version);
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
        // Services start in this order and stop in the other: the front door leases its number from a silo that is up, and gives it
        // back to one that is still there.
        builder.AddSilo();
        builder.AddSwitchboardApi();
        if (demo)
        {
            // The gateway itself says that an agent has come.
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
        builder.Services.AddSwitchboardOptions<SiloNetworkSettings>(SiloNetworkSettings.SectionName);
        builder.Services.AddSwitchboardOptions<GrainOptions>(GrainOptions.SectionName);
        builder.Services.AddSwitchboardOptions<AgentPolicyOptions>(AgentPolicyOptions.SectionName);

        // Warns once at each start of a check that has not begun yet.
        builder.Services.AddLogLevel("Orleans.Runtime.Watchdog", LogLevel.Error);
        // Warns at each start that the garbage collector is the workstation's, as it is meant to be, and of nothing else that matters.
        builder.Services.AddLogLevel("Orleans.Runtime.Silo", LogLevel.Error);

        var network = SiloNetworkSettings.Peek(builder.Configuration);
        builder.Services.AddSingleton(PortOf(network.SiloPort, nameof(network.SiloPort)));
        if (network.GatewayPort != 0)
            builder.Services.AddSingleton(PortOf(network.GatewayPort, nameof(network.GatewayPort)));
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(network.SiloPort, network.GatewayPort, serviceId: network.ServiceId, clusterId: network.ClusterId)
            .AddMemoryGrainStorage(Names.Storage.Provider)
            .UseInMemoryReminderService()
            .AddSwitchboardGrains()
            .AddDashboardPage());
    }

    private static ListeningPort PortOf(int port, string key) => new(new(IPAddress.Loopback, port), $"{SiloNetworkSettings.SectionName}:{key}");
}
