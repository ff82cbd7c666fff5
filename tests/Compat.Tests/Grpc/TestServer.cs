using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Switchboard.Compat.Tests.Grpc.V1;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>A real Kestrel on a port of the system's choice, h2c, with the test service, and a channel to it.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, Probe probe, GrpcChannelOptions? channel)
    {
        _app = app;
        Probe = probe;
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Channel = GrpcChannel.ForAddress(Address, channel ?? new GrpcChannelOptions());
        Client = new TestService.TestServiceClient(Channel);
    }

    public string Address { get; }

    public Probe Probe { get; }

    public GrpcChannel Channel { get; }

    public TestService.TestServiceClient Client { get; }

    public static async Task<TestServer> StartAsync(
        Action<GrpcServiceOptions>? options = null,
        Action<WebApplication>? map = null,
        GrpcChannelOptions? channel = null,
        Action<KestrelServerOptions>? kestrel = null,
        HttpProtocols protocols = HttpProtocols.Http2,
        X509Certificate2? certificate = null)
    {
        var probe = new Probe();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null)
                    listen.UseHttps(certificate);
            });
            kestrel?.Invoke(k);
        });
        builder.Services.AddGrpc(options ?? (_ => { }));
        builder.Services.AddSingleton(probe);
        var app = builder.Build();
        app.MapGrpcService<TestHandlers>();
        map?.Invoke(app);
        await app.StartAsync();
        return new TestServer(app, probe, channel);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        using var soon = new CancellationTokenSource();
        await soon.CancelAsync();
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }
}
