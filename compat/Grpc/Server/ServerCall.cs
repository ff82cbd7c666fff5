using System.Buffers;
using System.Net.Sockets;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Grpc.Server;

/// <summary>One call over one HTTP/2 stream.</summary>
internal sealed partial class ServerCall : ServerCallContext
{
    private static readonly HashSet<string> _notMetadata = new(StringComparer.OrdinalIgnoreCase)
    {
        Wire.Encoding, Wire.AcceptEncoding, Wire.Timeout, "content-encoding", "content-type", "te", "host", "accept-encoding",
    };

    private readonly CallDeadline? _deadline;
    private readonly ILogger _logger;
    private Metadata? _requestHeaders;
    private Metadata? _trailers;
    private volatile bool _complete;

    public ServerCall(HttpContext http, GrpcServiceOptions options, ILogger logger)
    {
        (Http, Options, _logger) = (http, options, logger);
        Lifetime = http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        Outgoing = new OutgoingMessage(http.Response.BodyWriter, options.MaxSendMessageSize);
        if (Wire.TryParseTimeout(http.Request.Headers[HeaderNames.GrpcTimeout], out var timeout))
            _deadline = new CallDeadline(this, timeout, TimeProvider.System);
    }

    public HttpContext Http { get; }
    public GrpcServiceOptions Options { get; }

    /// <summary>Kept because readers and writers may be used after the call, when the HttpContext must not be touched.</summary>
    public IHttpRequestLifetimeFeature Lifetime { get; }
    public ReceivedMessage Incoming { get; } = new();
    public OutgoingMessage Outgoing { get; }

    /// <summary>The handler has returned: nothing may be read or written any more.</summary>
    public bool IsComplete { get => _complete; set => _complete = value; }

    public override string Method => Http.Request.Path.Value!;
    public override string Host => Http.Request.Host.Value!;

    public override string Peer => (Http.Connection.RemoteIpAddress, Http.Connection.RemotePort) switch
    {
        (null, _) => "unknown",
        ({ AddressFamily: AddressFamily.InterNetwork } address, var port) => $"ipv4:{address}:{port}",
        ({ AddressFamily: AddressFamily.InterNetworkV6 } address, var port) => $"ipv6:[{address}]:{port}",
        (var address, var port) => $"unknown:{address}:{port}",
    };

    public override DateTime Deadline => _deadline?.At ?? DateTime.MaxValue;
    public override Metadata RequestHeaders => _requestHeaders ??= ReadRequestHeaders();

    // With a deadline the call has a token of its own: the deadline completes the response, so RequestAborted would stay silent.
    public override CancellationToken CancellationToken => _deadline?.Token ?? Lifetime.RequestAborted;
    public override Metadata ResponseTrailers => _trailers ??= [];
    public override IDictionary<object, object> UserState => Http.Items!;

    public override Task WriteResponseHeadersAsync(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        if (Http.Response.HasStarted) throw new InvalidOperationException("Response headers can only be sent once per call.");
        foreach (var entry in responseHeaders) Http.Response.Headers.Append(entry.Key, entry.WireValue);
        return Http.Response.BodyWriter.FlushAsync().AsTask();
    }

    /// <summary>Cuts one message off what has been read; as <see cref="MessageFrame.TryRead"/>, unpacked.</summary>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        if (!MessageFrame.TryRead(ref buffer, Options.MaxReceiveMessageSize, out message, out var compressed, out _)) return false;
        try
        {
            if (compressed) message = MessageFrame.Decompress(message, Options.MaxReceiveMessageSize, Http.Request.Headers[Wire.Encoding]);
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented && !Http.Response.HasStarted)
        {
            // "Compression" of the protocol: who is refused is told what would be taken.
            Http.Response.Headers[Wire.AcceptEncoding] = Wire.Encodings;
            throw;
        }
    }

    /// <summary>The one message of a response that has one. Not flushed: it leaves with the trailers when the request ends.</summary>
    public async Task WriteSingleAsync<T>(T? response, Marshaller<T> marshaller)
        where T : class
    {
        if (response is null) throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        if (_deadline?.IsPassing == true) return;
        if (!Http.Response.HasStarted) await Http.Response.StartAsync();
        Outgoing.Write(response, marshaller.ContextualSerializer);
    }

    /// <summary>Resets the HTTP/2 stream: what has not gone out yet never will.</summary>
    public void Reset() => Http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(Wire.ResetCancel);

    /// <summary>The handler returned: the response ends with <see cref="ServerCallContext.Status"/>.</summary>
    public async ValueTask EndAsync()
    {
        if (_deadline is null || await _deadline.TryEndAsync()) Trailers.Write(Http.Response, _trailers, Status);
    }

    /// <summary>The handler threw: an RpcException is its status, anything else UNKNOWN.</summary>
    public async ValueTask FailAsync(Exception error, string method)
    {
        var inTime = _deadline is null || await _deadline.TryEndAsync();
        if (error is RpcException rpc)
        {
            LogRpcError(rpc.StatusCode, rpc.Status.Detail, rpc.Status.DebugException);
            foreach (var entry in rpc.Trailers) ResponseTrailers.Add(entry);
            Status = rpc.Status;
        }
        else
        {
            if (error is OperationCanceledException or IOException && CancellationToken.IsCancellationRequested) LogCanceled(method, error);
            else LogError(method, error);
            var detail = Options.EnableDetailedErrors == true ? " " + Wire.Describe(error) : "";
            Status = new Status(StatusCode.Unknown, "Exception was thrown by handler." + detail, error);
        }

        if (inTime) Trailers.Write(Http.Response, _trailers, Status);
    }

    /// <summary>The deadline passed: status out, response closed, stream reset; the application's trailers stay behind.</summary>
    public async Task PassDeadlineAsync()
    {
        if (Lifetime.RequestAborted.IsCancellationRequested) return;
        LogDeadline();
        Status = new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded");
        Trailers.Write(Http.Response, null, Status);
        await Http.Response.CompleteAsync();
        Reset();
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, value) in Http.Request.Headers)
            if (!name.StartsWith(':') && !_notMetadata.Contains(name)) Wire.AddReceived(metadata, name, value.ToString());
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
