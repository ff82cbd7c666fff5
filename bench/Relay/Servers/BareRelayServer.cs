using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Switchboard.Bench.Servers;

/// <summary>
/// The least that can relay: Kestrel, <see cref="BareRelay"/>, and no routing, logging, limits or lifecycle. It is the ceiling
/// that the gateway is measured against, no example of how to do it: a caller that goes away leaves its entry behind.
/// </summary>
internal sealed class BareRelayServer : IBenchServer
{
    private readonly WebApplication _app;

    private BareRelayServer(WebApplication app) => _app = app;

    public Uri Http => new(_app.Urls.First());

    public Uri Grpc => new(_app.Urls.Last());

    public static async Task<BareRelayServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        var relay = new BareRelay();
        app.Run(relay.HandleAsync);
        await app.StartAsync();
        return new BareRelayServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}
