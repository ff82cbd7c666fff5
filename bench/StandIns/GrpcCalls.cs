using System.Diagnostics;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Switchboard.Bench.StandIns;

/// <summary>Unary calls over loopback, client and server of the same packages; a few HTTP/2 connections, as bench/Relay's callers have.</summary>
internal sealed class GrpcCalls : ICalls
{
    private const int Connections = 8;
    private static readonly ByteString _body = ByteString.CopyFrom(new byte[64]);
    private readonly WebApplication _app;
    private readonly GrpcChannel[] _channels;
    private readonly Pinger.PingerClient[] _clients;

    private GrpcCalls(WebApplication app, string address)
    {
        _app = app;
        _channels = [.. Enumerable.Range(0, Connections).Select(_ => GrpcChannel.ForAddress(
            address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler(), DisposeHttpClient = true }))];
        _clients = [.. _channels.Select(c => new Pinger.PingerClient(c))];
    }

    public static async Task<ICalls> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<PingerService>();
        await app.StartAsync();
        return new GrpcCalls(app, app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async Task CallAsync(long number)
    {
        var answer = await _clients[number % Connections].PingAsync(new PingMessage { Number = number, Body = _body });
        if (answer.Number != number || answer.Body.Length != _body.Length) throw new UnreachableException("a wrong answer of the service");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels) channel.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>The service that does nothing.</summary>
internal sealed class PingerService : Pinger.PingerBase
{
    public override Task<PingMessage> Ping(PingMessage request, ServerCallContext context) => Task.FromResult(request);
}
