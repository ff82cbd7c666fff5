using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Switchboard.Bench.Servers;

/// <summary>
/// The same relay written on the gRPC framework (grpc-dotnet), and again nothing else. Between it and
/// <see cref="BareRelayServer"/> lies what the framework costs, between it and the gateway what the gateway itself does.
/// </summary>
internal sealed class GrpcRelayServer : IBenchServer
{
    private readonly WebApplication _app;

    private GrpcRelayServer(WebApplication app) => _app = app;

    public Uri Http => Grpc;

    public Uri Grpc => new(_app.Urls.First());

    public static async Task<GrpcRelayServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<GrpcRelay>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.MapGrpcService<GrpcRelay>();
        await app.StartAsync();
        return new GrpcRelayServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}
