using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace Switchboard.Client.Wire;

/// <summary>Opens connections to a gateway.</summary>
internal static class GatewayChannel
{
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pingAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A channel of its own; whoever asked for it disposes it, and its connections end with it.</summary>
    public static GrpcChannel Open(Uri address, ILoggerFactory? loggers)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = _connectTimeout,
            // A connection that died without a word is found within 30 s (DESIGN.md, S3): after 20 s here, and after 2.5 heartbeats.
            KeepAlivePingDelay = _pingAfter,
            KeepAlivePingTimeout = _pingTimeout,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            // A proxy from the environment speaks HTTP/1.1 to the gateway on this machine, which then refuses.
            UseProxy = !address.IsLoopback,
        };
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            LoggerFactory = loggers,
        });
    }

    /// <summary>What is wrong with an address, or null.</summary>
    public static string? Fault(Uri? address) =>
        address is { IsAbsoluteUri: true, Scheme: "http" or "https" }
            ? null
            : $"Address is '{address}'; it must be an absolute http or https address.";
}
