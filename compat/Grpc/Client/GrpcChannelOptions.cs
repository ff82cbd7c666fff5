using Grpc.Core;
using Grpc.Framing;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>How a channel reaches its server.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Whether to use TLS; null takes it from the address. What contradicts the address is refused.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>In bytes; null, the default, is no limit. A larger message is RESOURCE_EXHAUSTED.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>In bytes; null is no limit, the default is 4 MiB. A larger message is RESOURCE_EXHAUSTED.</summary>
    public int? MaxReceiveMessageSize { get; set; } = Wire.DefaultMaxMessageSize;

    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The client that sends; not together with <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>The handler that sends; not together with <see cref="HttpClient"/>. Default: a SocketsHttpHandler of the channel's own.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether the channel disposes of the client or handler that it was given.</summary>
    public bool DisposeHttpClient { get; set; }
}
