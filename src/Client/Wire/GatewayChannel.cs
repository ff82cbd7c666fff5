using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace Switchboard.Client.Wire;

/// <summary>Opens gRPC channels to a gateway.</summary>
internal static class GatewayChannel
{
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pingAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Opens a channel with connections of its own. The caller disposes it, which closes them.</summary>
    public static GrpcChannel Open(Uri address, ILoggerFactory? loggers)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = _connectTimeout,
            // A connection that died without a close is detected within 30 s: after 20 s here, or after 2.5 heartbeat intervals.
            KeepAlivePingDelay = _pingAfter,
            KeepAlivePingTimeout = _pingTimeout,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            // A proxy of the environment would speak HTTP/1.1 to a gateway on this machine, which the gateway refuses.
            UseProxy = !address.IsLoopback,
        };
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            LoggerFactory = loggers,
        });
    }

    /// <summary>Returns the error of an address, or <see langword="null"/> where it is valid.</summary>
    public static string? Validate(Uri? address) =>
        address is { IsAbsoluteUri: true, Scheme: "http" or "https" }
            ? null
            : $"Address is '{address}'; it must be an absolute http or https address.";
}
