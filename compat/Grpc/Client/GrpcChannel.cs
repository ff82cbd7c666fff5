using System.Collections.Concurrent;
using Grpc.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

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

    /// <summary>The handler that sends; not together with <see cref="HttpClient"/>. Default: one of the channel's own.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether the channel disposes of the client or handler that it was given.</summary>
    public bool DisposeHttpClient { get; set; }
}

/// <summary>The way to one server, over HTTP/2: TLS for "https", prior knowledge (h2c) for "http". Safe for concurrent use.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly Uri _address;
    private readonly bool _ownsInvoker;
    private readonly ConcurrentDictionary<IMethod, Uri> _uris = [];
    private readonly HashSet<IDisposable> _active = [];
    private readonly Lock _gate = new();
    private bool _disposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        _address = address;
        _ownsInvoker = options.DisposeHttpClient || (options.HttpClient is null && options.HttpHandler is null);
        var handler = options.HttpHandler ?? new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        Invoker = options.HttpClient ?? new HttpMessageInvoker(handler, _ownsInvoker);
        Options = options;
        Logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Grpc.Net.Client.Internal.GrpcCall");
    }

    internal HttpMessageInvoker Invoker { get; }
    internal GrpcChannelOptions Options { get; }
    internal ILogger Logger { get; }

    public static GrpcChannel ForAddress(string address) => ForAddress(new Uri(address));
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel to an address's scheme, host and port; its path is not used. Connects with the first call.</summary>
    /// <exception cref="ArgumentException">Both a client and a handler were given.</exception>
    /// <exception cref="InvalidOperationException">The credentials contradict the address, or it is neither "http" nor "https".</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (channelOptions is { HttpClient: not null, HttpHandler: not null })
            throw new ArgumentException("HttpClient and HttpHandler have been configured. Only one HTTP caller can be specified.");
        if (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
            throw new InvalidOperationException($"No address resolver configured for the scheme '{address.Scheme}'.");
        if (channelOptions.Credentials is { } credentials && credentials.IsSecure != (address.Scheme == Uri.UriSchemeHttps))
        {
            var kind = credentials.IsSecure ? "secure" : "insecure";
            throw new InvalidOperationException(
                $"Channel is configured with {kind} channel credentials and can't use a HttpClient with a '{address.Scheme}' scheme.");
        }

        return new GrpcChannel(address, channelOptions);
    }

    public override CallInvoker CreateCallInvoker() => new ChannelCallInvoker(this);

    /// <summary>Cancels every call that is under way.</summary>
    public void Dispose()
    {
        IDisposable[] active;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            active = [.. _active];
        }

        // Outside the lock: each call takes itself out of the set.
        foreach (var call in active) call.Dispose();
        if (_ownsInvoker) Invoker.Dispose();
    }

    internal Uri UriOf(IMethod method) => _uris.GetOrAdd(method, static (m, address) => new Uri(address, m.FullName), _address);

    internal void Remember(IDisposable call)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _active.Add(call);
        }
    }

    internal void Forget(IDisposable call)
    {
        lock (_gate) _active.Remove(call);
    }
}
