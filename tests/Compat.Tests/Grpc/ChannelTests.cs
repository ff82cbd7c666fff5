using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>Channels: addresses, TLS, servers that are not there or go away.</summary>
public sealed class ChannelTests
{
    [Fact]
    public async Task Nobody_listens()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var channel = GrpcChannel.ForAddress($"http://{socket.LocalEndPoint}");
        var client = new TestService.TestServiceClient(channel);
        var unary = await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Unavailable, unary.StatusCode);

        using var duplex = client.Duplex();
        var write = Assert.ThrowsAsync<RpcException>(() => duplex.RequestStream.WriteAsync(new TestRequest()).DefaultTimeout());
        var read = await Assert.ThrowsAsync<RpcException>(() => duplex.ResponseStream.MoveNext().DefaultTimeout());
        var headers = await Assert.ThrowsAsync<RpcException>(() => duplex.ResponseHeadersAsync.DefaultTimeout());
        Assert.All([read, await write, headers], e => Assert.Equal(StatusCode.Unavailable, e.StatusCode));
        Assert.Equal(StatusCode.Unavailable, duplex.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_server_that_goes_away_in_mid_call()
    {
        var server = await TestServer.StartAsync();
        using var call = server.Client.ServerStream(new TestRequest { Count = 1, Act = "wait" });
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        await server.Probe.Heard("waiting").DefaultTimeout();
        var next = call.ResponseStream.MoveNext();
        await server.StopAsync(new CancellationToken(canceled: true)).DefaultTimeout();
        var error = await Assert.ThrowsAsync<RpcException>(() => next.DefaultTimeout());
        StatusCode[] possible = [StatusCode.Unavailable, StatusCode.Internal, StatusCode.Cancelled, StatusCode.Unknown];
        Assert.Contains(error.StatusCode, possible);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Tls_with_a_certificate_of_ones_own()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
        await using var server = await TestServer.StartAsync(certificate: certificate, channel: new GrpcChannelOptions
        {
            Credentials = ChannelCredentials.SecureSsl,
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, c, _, _) => c!.GetCertHashString() == certificate.GetCertHashString(),
                },
            },
        });
        Assert.StartsWith("https://", server.Address, StringComparison.Ordinal);
        Assert.Equal(1, (await server.Client.UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout()).Count);

        using var distrustful = GrpcChannel.ForAddress(server.Address);
        var error = await Assert.ThrowsAsync<RpcException>(
            () => new TestService.TestServiceClient(distrustful).UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout());
        Assert.True(error.StatusCode is StatusCode.Unavailable or StatusCode.Internal, error.ToString());
    }

    [Fact]
    public async Task Dispose_cancels_what_is_under_way_and_refuses_what_comes_after()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.ServerStream(new TestRequest { Count = 1, Act = "wait" });
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        await server.Probe.Heard("waiting").DefaultTimeout();
        server.Channel.Dispose();
        await server.Probe.Heard("cancelled").DefaultTimeout();
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.Throws<ObjectDisposedException>(() => server.Client.UnaryAsync(new TestRequest()));
    }

    [Fact]
    public async Task A_handler_of_the_callers_own_lives_on()
    {
        using var handler = new SocketsHttpHandler();
        await using var server = await TestServer.StartAsync(channel: new GrpcChannelOptions { HttpHandler = handler });
        await server.Client.UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout();
        server.Channel.Dispose();
        using var again = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { HttpHandler = handler });
        await new TestService.TestServiceClient(again).UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout();

        using var http = new HttpClient();
        using var third = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { HttpClient = http });
        using var call = new TestService.TestServiceClient(third).ServerStream(new TestRequest { Count = 2, Act = "wait" });
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
    }

    [Fact]
    public void What_contradicts_itself_is_refused()
    {
        Assert.Throws<InvalidOperationException>(
            () => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { Credentials = ChannelCredentials.SecureSsl }));
        Assert.Throws<InvalidOperationException>(
            () => GrpcChannel.ForAddress("https://localhost", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure }));
        using var http = new HttpClient();
        using var handler = new SocketsHttpHandler();
        Assert.Throws<ArgumentException>(
            () => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpClient = http, HttpHandler = handler }));
        Assert.Equal("localhost:81", GrpcChannel.ForAddress("http://localhost:81/path").Target);
    }

    [Fact]
    public void A_service_without_AddGrpc_or_without_a_generated_base_is_refused()
    {
        var bare = WebApplication.CreateSlimBuilder().Build();
        Assert.Throws<InvalidOperationException>(() => bare.MapGrpcService<TestHandlers>());
    }
}
