using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Api.Peers;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Peers;

/// <summary>Who comes to the port for front doors is known by a certificate that the registry has, and gets requests through and nothing else.</summary>
public sealed class PeerTrustTests(GatewayPair pair) : IClassFixture<GatewayPair>
{
    [Fact]
    public async Task A_stranger_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = new CertificateRequest("CN=switchboard-front-door", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        await using var agent = await pair.ConnectAgentAsync("guarded");
        using var channel = Channel(stranger);
        Assert.Equal(StatusCode.Unauthenticated, await CallAsync(channel, agent.SessionId));
        Assert.False(agent.TryNextRequest(out _));
    }

    [Fact]
    public async Task Nobody_comes_without_a_certificate()
    {
        await using var agent = await pair.ConnectAgentAsync("locked");
        using var channel = Channel(null);
        Assert.NotEqual(StatusCode.OK, await CallAsync(channel, agent.SessionId));
        Assert.False(agent.TryNextRequest(out _));
    }

    [Fact]
    public async Task A_front_door_gets_no_agents_there()
    {
        using var channel = Channel(pair.First.Service<PeerCertificate>().Certificate);
        var client = new AgentGateway.AgentGatewayClient(channel);
        using var call = client.AgentRequestSubscribe(new SubscriberInfo { AgentId = "a" });
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    /// <summary>What front doors say to each other counts for nothing where callers come.</summary>
    [Fact]
    public async Task A_callers_own_words_for_front_doors_are_not_heard()
    {
        await using var agent = await pair.ConnectAgentAsync("plain");
        using var call = new TestCall(pair.First.Client, TestCall.Request("plain"), metadata: Metadata(agent.SessionId));
        var request = await agent.NextRequestAsync();
        Assert.NotEqual("0123456789abcdef", request.Id);
        await agent.RespondAsync(request.Id, new AgentResponse());
        Assert.Equal(StatusCode.OK, (await call.EndAsync()).Status);
        await pair.AssertQuietAsync();
    }

    [Theory]
    [InlineData(PeerMetadata.RequestId, "x")]
    [InlineData(PeerMetadata.TimeLeft, "-1")]
    [InlineData("session-id", "")]
    [InlineData(PeerMetadata.Tenant, "a/b")]
    public async Task What_cannot_be_read_is_named(string name, string value)
    {
        using var channel = Channel(pair.First.Service<PeerCertificate>().Certificate);
        var metadata = new Metadata();
        foreach (var entry in Metadata(1).Where(e => e.Key != name))
        {
            metadata.Add(entry);
        }

        metadata.Add(name, value);
        using var call = new TestCall(new(channel), TestCall.Request("a"), metadata: metadata);
        var end = await call.EndAsync();
        Assert.Equal(("bad-request", "no"), (end.Reason, end.Sent));
    }

    private static async Task<StatusCode> CallAsync(GrpcChannel channel, ulong session)
    {
        using var call = new TestCall(new(channel), TestCall.Request("guarded"), metadata: Metadata(session));
        return (await call.EndAsync()).Status;
    }

    private static Metadata Metadata(ulong session) => new()
    {
        { PeerMetadata.RequestId, "0123456789abcdef" },
        { PeerMetadata.TimeLeft, "5000" },
        { PeerMetadata.Tenant, "default" },
        { "session-id", session.ToString(CultureInfo.InvariantCulture) },
    };

    private GrpcChannel Channel(X509Certificate2? certificate)
    {
        var holder = pair.Holder.Service<PeerEndpoint>();
        var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, server, _, _) => server?.GetCertHashString(HashAlgorithmName.SHA256) == holder.Certificate,
            ClientCertificates = certificate is null ? null : [certificate],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
        };
        return GrpcChannel.ForAddress(
            $"https://{holder.Address}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
