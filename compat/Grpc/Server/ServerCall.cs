using System.Net.Sockets;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.Server;

/// <summary>One call over one HTTP/2 stream.</summary>
internal sealed partial class ServerCall : ServerCallContext
{
    private static readonly HashSet<string> NotMetadata = new(StringComparer.OrdinalIgnoreCase)
    {
        Wire.Encoding, Wire.AcceptEncoding, Wire.Timeout, "content-encoding", "content-type", "te", "host", "accept-encoding",
    };

    private readonly CallDeadline? _deadline;
    private readonly ILogger _logger;
    private Metadata? _requestHeaders;
    private Metadata? _trailers;

    public ServerCall(HttpContext http, GrpcServiceOptions options, ILogger logger)
    {
        Http = http;
        Options = options;
        _logger = logger;
        Lifetime = http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        Outgoing = new OutgoingMessage(http.Response.BodyWriter, options.MaxSendMessageSize);
        if (Wire.TryParseTimeout(http.Request.Headers[Wire.Timeout], out var timeout))
            _deadline = new CallDeadline(this, timeout, TimeProvider.System);
    }

    public HttpContext Http { get; }

    public GrpcServiceOptions Options { get; }

    /// <summary>Kept because readers and writers may be used on other threads, where the HttpContext must not be touched.</summary>
    public IHttpRequestLifetimeFeature Lifetime { get; }

    public ReceivedMessage Incoming { get; } = new();

    public OutgoingMessage Outgoing { get; }

    public string? RequestEncoding => Http.Request.Headers[Wire.Encoding];

    public bool IsDeadlinePassing => _deadline?.IsPassing == true;

    protected override string MethodCore => Http.Request.Path.Value!;

    protected override string HostCore => Http.Request.Host.Value!;

    protected override string PeerCore
    {
        get
        {
            var (address, port) = (Http.Connection.RemoteIpAddress, Http.Connection.RemotePort);
            return address?.AddressFamily switch
            {
                null => "unknown",
                AddressFamily.InterNetwork => $"ipv4:{address}:{port}",
                AddressFamily.InterNetworkV6 => $"ipv6:[{address}]:{port}",
                _ => $"unknown:{address}:{port}",
            };
        }
    }

    protected override DateTime DeadlineCore => _deadline?.At ?? DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    // With a deadline the call has a token of its own: the deadline completes the response, so RequestAborted would stay silent.
    protected override CancellationToken CancellationTokenCore => _deadline?.Token ?? Lifetime.RequestAborted;

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override IDictionary<object, object> UserStateCore => Http.Items!;

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        if (Http.Response.HasStarted)
            throw new InvalidOperationException("Response headers can only be sent once per call.");
        foreach (var entry in responseHeaders)
            Http.Response.Headers.Append(entry.Key, entry.WireValue);
        return Http.Response.BodyWriter.FlushAsync().AsTask();
    }

    /// <summary>Resets the HTTP/2 stream: what has not gone out yet never will.</summary>
    public void Reset() => Http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(Wire.ResetCancel);

    /// <summary>The handler returned: the response ends with <see cref="ServerCallContext.Status"/>.</summary>
    public async ValueTask EndAsync()
    {
        if (_deadline is null || await _deadline.TryEndAsync())
            Trailers.Write(Http.Response, _trailers, Status);
    }

    /// <summary>The handler threw: an RpcException is its status, anything else UNKNOWN.</summary>
    public async ValueTask FailAsync(Exception error, string method)
    {
        var inTime = _deadline is null || await _deadline.TryEndAsync();
        if (error is RpcException rpc)
        {
            LogRpcError(rpc.StatusCode, rpc.Status.Detail, rpc.Status.DebugException);
            foreach (var entry in rpc.Trailers)
                ResponseTrailers.Add(entry);
            Status = rpc.Status;
        }
        else
        {
            if (error is OperationCanceledException || (error is IOException && CancellationToken.IsCancellationRequested))
                LogCanceled(method, error);
            else
                LogError(method, error);
            Status = new Status(
                StatusCode.Unknown,
                "Exception was thrown by handler." + (Options.EnableDetailedErrors == true ? " " + error.Describe() : ""),
                error);
        }

        if (inTime)
            Trailers.Write(Http.Response, _trailers, Status);
    }

    /// <summary>The deadline passed: status out, response closed, stream reset; the application's trailers stay behind.</summary>
    public async Task PassDeadlineAsync()
    {
        if (Lifetime.RequestAborted.IsCancellationRequested)
            return;
        LogDeadline();
        Status = new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded");
        Trailers.WriteStatus(Http.Response, Status);
        await Http.Response.CompleteAsync();
        Reset();
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, value) in Http.Request.Headers)
        {
            if (!name.StartsWith(':') && !NotMetadata.Contains(name))
                Wire.AddReceived(metadata, name, value.ToString());
        }

        return metadata;
    }

    [LoggerMessage(1, LogLevel.Information, "Error status code '{StatusCode}' with detail '{Detail}' raised.")]
    private partial void LogRpcError(StatusCode statusCode, string detail, Exception? debugException);

    [LoggerMessage(2, LogLevel.Information, "Service method '{Method}' canceled.")]
    private partial void LogCanceled(string method, Exception error);

    [LoggerMessage(3, LogLevel.Error, "Error when executing service method '{Method}'.")]
    private partial void LogError(string method, Exception error);

    [LoggerMessage(4, LogLevel.Debug, "Request deadline exceeded.")]
    private partial void LogDeadline();

    [LoggerMessage(5, LogLevel.Error, "Unexpected error while ending a call at its deadline.")]
    public partial void LogDeadlineError(Exception error);
}
