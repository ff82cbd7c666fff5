using Switchboard.Api.Durable;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Hosting;
using Switchboard.Api.Listening;
using Switchboard.Api.Startup;

namespace Switchboard.Api;

/// <summary>Runs the front door alone: an Orleans client of running silos.</summary>
internal static class Program
{
    private const string Help = "help";

    /// <summary>Runs until it is stopped and returns the exit code: 0, 2 for wrong settings, 3 where it cannot listen.</summary>
    public static async Task<int> Main(string[] args)
    {
        var line = CommandLine.Parse(args, Help);
        if (!StartupErrors.Accept(line, Console.Error))
        {
            return StartupErrors.BadSettings;
        }

        if (line.Flags.Contains(Help))
        {
            await Console.Out.WriteLineAsync(Usage);
            return 0;
        }

        return await StartupErrors.RunAsync(() => Build(line.Settings), Console.Error, async app =>
        {
            var addresses = app.Services.GetRequiredService<ListenAddresses>();
            await Console.Out.WriteLineAsync(
                $"Switchboard front door\n  REST  {addresses.Http}\n  gRPC  {addresses.Grpc}\nCtrl+C stops it.");
        });
    }

    /// <summary>Builds the program without starting it.</summary>
    /// <param name="settings">The settings, as on the command line.</param>
    public static WebApplication Build(string[] settings)
    {
        // A front door among others: its number is leased from the cluster. The first source, so that any other may still override it.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = ["--Switchboard:FrontDoor:Cluster=true", .. settings],
            ContentRootPath = SettingsFolder.Find(),
        });
        builder.Services.AddSwitchboardOptions<SiloNetworkOptions>(SiloNetworkOptions.SectionName);
        builder.Services.AddSwitchboardOptions<StorageOptions>(StorageOptions.SectionName);
        builder.Services.AddClusteringOptions();
        builder.Services.PostConfigure<FrontDoorOptions>(
            o => o.FenceAfter = builder.Configuration.Peek<ClusteringOptions>(ClusteringOptions.SectionName).FenceAfter);
        builder.UseOrleansClient(client => client.UseClustering(builder.Configuration));
        if (builder.Configuration.Peek<StorageOptions>(StorageOptions.SectionName) is { Provider: StorageProvider.PostgreSql } storage)
        {
            builder.Services.AddPostgreSqlRequestLog(storage.ConnectionString);
        }

        builder.AddSwitchboardApi();
        var app = builder.Build();
        app.MapSwitchboardApi();
        return app;
    }

    private const string Usage = """
        The front door alone, as a client of a silo that runs already (dotnet run --project src/Silo).

        Usage: Switchboard.Api [--Switchboard:<section>:<setting>=<value> ...]

          --Switchboard:Silo:GatewayPort=30000     where the silo is reached, on this machine
          --Switchboard:Listen:HttpPort=8090       REST; the silo's own front door has 8080
          --Switchboard:Listen:GrpcPort=8091       gRPC; the silo's own front door has 8081
        """;
}
