namespace Switchboard.Api.Hosting;

/// <summary>The front door alone: an Orleans client of running silos.</summary>
public static class ApiProgram
{
    private const string Help = "help";

    /// <summary>Runs until it is stopped and returns the exit code: 0, 2 for wrong settings, 3 where it cannot listen.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var line = CommandLine.Parse(args, Help);
        if (!StartupErrors.Accept(line, Console.Error)) return StartupErrors.BadSettings;
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
    /// <param name="settings">Settings as on the command line.</param>
    public static WebApplication Build(string[] settings)
    {
        // A front door among others: its number is leased from the cluster. Said first, so that any other source may still refuse it.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = ["--Switchboard:FrontDoor:Cluster=true", .. settings],
            ContentRootPath = SettingsFolder.Find(),
        });
        builder.Services.AddSwitchboardOptions<SiloNetworkSettings>(SiloNetworkSettings.SectionName);
        var network = SiloNetworkSettings.Peek(builder.Configuration);
        builder.UseOrleansClient(client => client.UseLocalhostClustering(network.GatewayPort, network.ServiceId, network.ClusterId));
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
