using System.Net;
using System.Net.Sockets;
using Switchboard.Api.Listening;
using Switchboard.Silo.Hosting;

namespace Switchboard.Bench.Servers;

/// <summary>
/// The gateway as people run it: src/Silo's program with its own settings, in this process so that its counters can be read.
/// </summary>
internal sealed class GatewayServer : IBenchServer
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private readonly WebApplication _app;
    private readonly ListenAddresses _addresses;

    private GatewayServer(WebApplication app)
    {
        _app = app;
        _addresses = app.Services.GetRequiredService<ListenAddresses>();
    }

    public Uri Http => _addresses.Http;

    public Uri Grpc => _addresses.Grpc;

    public static async Task<GatewayServer> StartAsync(string[] arguments)
    {
        string[] settings =
        [
            "Switchboard:Listen:HttpPort=0",
            "Switchboard:Listen:GrpcPort=0",
            "Switchboard:Listen:AdminPort=0",
            $"Switchboard:Silo:SiloPort={FreePort()}",
            "Switchboard:Silo:GatewayPort=0",
            // A relayed request keeps nothing; several servers may share the folder, which the file's lock would not let them.
            "Switchboard:Storage:Provider=Memory",
            $"Switchboard:FrontDoor:DataFolder={Path.Combine(Environment.CurrentDirectory, "data")}",
            .. arguments,
        ];
        var app = SiloProgram.Build([.. settings.Select(s => "--" + s)]);
        await app.StartAsync();
        var server = new GatewayServer(app);
        await server.WaitUntilReadyAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient { Timeout = _patience };
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await client.GetAsync(new Uri(Http, "/health/ready"));
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(since) > _patience)
            {
                throw new BenchFailure("The gateway does not become ready.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>
    /// Orleans' silo port cannot be left to the system, so it is asked for a free one just before: nobody else is likely to get it
    /// meanwhile.
    /// </summary>
    private static int FreePort()
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
