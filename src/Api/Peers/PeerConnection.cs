using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.V1;

namespace Switchboard.Api.Peers;

/// <summary>
/// The channel to one other front door. Each side is known by its certificate alone, so that an address which another process has by now
/// gets nothing.
/// </summary>
internal sealed class PeerConnection : IDisposable
{
    /// <summary>Window of one HTTP/2 stream, as the servers have it. It does not grow: the program turns that off.</summary>
    private const int StreamWindowBytes = 128 * 1024;

    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(5);

    private readonly GrpcChannel _channel;
    private volatile bool _established;
    private int _calls;

    public PeerConnection(FrontDoorLease peer, PeerCertificate own)
    {
        var handler = new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            ConnectTimeout = _connectTimeout,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            KeepAlivePingDelay = _keepAlive,
            KeepAlivePingTimeout = _keepAlive,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [own.Certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => own.Certificate,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => IsPinned(certificate, peer.PeerCertificate),
            },
            PlaintextStreamFilter = (context, _) =>
            {
                _established = true;
                return ValueTask.FromResult(context.PlaintextStream);
            },
        };
        _channel = GrpcChannel.ForAddress($"https://{peer.PeerAddress}", new GrpcChannelOptions
        {
            // As a client and not as a handler: around a handler gRPC puts a balancer of its own, which waits longer after each failure.
            HttpClient = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
            // The front door that asks has said what is too long; the other one's responses are bounded by it.
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
        });
        Client = new(_channel);
    }

    /// <summary>Gets the client.</summary>
    public AgentGateway.AgentGatewayClient Client { get; }

    /// <summary>Gets whether a connection was ever made. Until then nothing that was called has reached the other side.</summary>
    public bool WasEstablished => _established;

    /// <summary>Gets whether no call is under way.</summary>
    public bool IsIdle => Volatile.Read(ref _calls) == 0;

    /// <summary>Counts a call in.</summary>
    public void Enter() => Interlocked.Increment(ref _calls);

    /// <summary>Counts a call out.</summary>
    public void Exit() => Interlocked.Decrement(ref _calls);

    public void Dispose() => _channel.Dispose();

    private static bool IsPinned(X509Certificate? certificate, string sha256) =>
        certificate is not null && sha256.Length > 0 && certificate.GetCertHashString(HashAlgorithmName.SHA256) == sha256;
}
