using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace Grpc.Client;

/// <summary>
/// One call's life at the client. It has one final status, and whoever comes first sets it: the trailers, an error, the deadline, the
/// caller's token, Dispose. Setting it lets go of everything: timer, registration, HTTP response, pending reads and writes.
/// </summary>
internal abstract partial class ClientCall : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly DateTime _deadline;
    private readonly CancellationTokenSource _source = new();
    private readonly TaskCompletionSource<HttpResponseMessage> _responded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _registration;
    private ITimer? _timer;
    private HttpResponseMessage? _response;
    private Status? _final;
    private bool _whole;
    private bool _disposed;
    private Metadata? _trailers;

    protected ClientCall(GrpcChannel channel, CallOptions options)
    {
        _deadline = options.Deadline ?? DateTime.MaxValue;
        if (_deadline.Kind != DateTimeKind.Utc && _deadline != DateTime.MaxValue && _deadline != DateTime.MinValue)
        {
            throw new InvalidOperationException(
                "Deadline must have a kind DateTimeKind.Utc or be equal to DateTime.MaxValue or DateTime.MinValue.");
        }

        _channel = channel;
        Options = options;
        Token = _source.Token;
        _channel.Remember(this);
    }

    public CallOptions Options { get; }

    /// <summary>Signals that the call has ended otherwise than by a whole response.</summary>
    public CancellationToken Token { get; }

    /// <summary>How the call ended; null while it is under way.</summary>
    public Status? Final
    {
        get
        {
            lock (_gate) return _final;
        }
    }

    protected GrpcChannel Channel => _channel;

    /// <summary>One message must come and has not yet: to end without it is an error, whatever the server says.</summary>
    protected bool NeedsMessage { get; set; }

    public Status GetStatus() =>
        Final ?? throw new InvalidOperationException("Unable to get the status because the call is not complete.");

    public Metadata GetTrailers()
    {
        lock (_gate)
        {
            return _trailers ?? (_whole
                ? _trailers = ResponseStatus.ReadMetadata(ResponseStatus.TrailersOf(_response!))
                : throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully."));
        }
    }

    public async Task<Metadata> GetHeadersAsync()
    {
        try
        {
            return ResponseStatus.ReadMetadata((await _responded.Task).Headers);
        }
        catch (OperationCanceledException)
        {
            throw Error(GetStatus());
        }
    }

    public virtual void Dispose()
    {
        _disposed = true;
        Finish(new Status(StatusCode.Cancelled, "gRPC call disposed."), whole: false);
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <summary>Cancels the call when the token of one read or write is cancelled.</summary>
    public CancellationTokenRegistration CancelBy(CancellationToken token) =>
        token.CanBeCanceled && token != Options.CancellationToken ? Register(token) : default;

    /// <summary>Ends the call with what an error means, unless it has ended already; gives the exception to throw.</summary>
    public RpcException Fail(string summary, Exception error)
    {
        var status = error switch
        {
            RpcException rpc => rpc.Status,
            OperationCanceledException => new Status(StatusCode.Cancelled, "", error),
            _ => new Status(ResponseStatus.CodeOf(error), $"{summary} {Wire.Describe(error)}", error),
        };

        // Our deadline is the server's too, and its reset can arrive before our timer fires.
        if (status.StatusCode == StatusCode.Cancelled && error is not OperationCanceledException && TimeLeft() <= TimeSpan.Zero)
            status = new Status(StatusCode.DeadlineExceeded, status.Detail, error);
        Finish(status, whole: false);
        return Error(GetStatus());
    }

    public RpcException Error(Status status)
    {
        Metadata? trailers;
        lock (_gate) trailers = _whole ? null : Metadata.Empty;
        try
        {
            return new RpcException(status, trailers ?? GetTrailers());
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Trailers that cannot be read must not hide how the call ended.
            return new RpcException(status);
        }
    }

    /// <summary>The response has been read to its end: its trailers say how the call ended.</summary>
    public Status FinishByTrailers()
    {
        Finish(ResponseStatus.Read(_response!), whole: true);
        return GetStatus();
    }

    /// <summary>The HTTP response, once its headers are there.</summary>
    public Task<HttpResponseMessage> RespondedAsync() => _responded.Task;

    protected virtual void OnFinished()
    {
    }

    /// <summary>Sends the request; returns when the response's headers are there, or throws.</summary>
    protected async Task SendAsync(IMethod method, HttpContent content)
    {
        Watch();
        Token.ThrowIfCancellationRequested();
        var request = RequestMessage.Create(_channel.UriOf(method), Options.Headers, _deadline == DateTime.MaxValue ? null : TimeLeft());
        request.Content = content;
        var response = _channel.Invoker is HttpClient client
            ? await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token).ConfigureAwait(false)
            : await _channel.Invoker.SendAsync(request, Token).ConfigureAwait(false);
        lock (_gate) _response = response;
        if (ResponseStatus.FromHeaders(response) is { } early) Finish(early, whole: true);
        _responded.TrySetResult(response);

        // The call may have ended while the headers were on their way; Finish did not see the response then.
        if (Final is not null) response.Dispose();
    }

    private void Watch()
    {
        if (_deadline != DateTime.MaxValue)
        {
            _timer = TimeProvider.System.CreateTimer(
                state => ((ClientCall)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            OnTimer();
        }

        _registration = Register(Options.CancellationToken);

        // Finish may have run before the fields were set: then timer and token would hold this call for as long as they live.
        if (Final is null) return;
        _timer?.Dispose();
        _registration.Unregister();
    }

    private CancellationTokenRegistration Register(CancellationToken token) => token.UnsafeRegister(
        static (call, t) => ((ClientCall)call!).OnCancelled(t), this);

    private void OnCancelled(CancellationToken token)
    {
        Finish(new Status(StatusCode.Cancelled, "Call canceled by the client.", new OperationCanceledException(token)), whole: false);

        // A server can end a call without reading on: then a write is pending still, though the call has its status.
        _source.Cancel();
    }

    private void OnTimer()
    {
        var left = TimeLeft();
        if (left > TimeSpan.Zero) _timer!.Change(left < Wire.LongestTimer ? left : Wire.LongestTimer, Timeout.InfiniteTimeSpan);
        else Finish(new Status(StatusCode.DeadlineExceeded, ""), whole: false);
    }

    private TimeSpan TimeLeft() => _deadline - TimeProvider.System.GetUtcNow().UtcDateTime;

    /// <summary>Sets the final status, once. <paramref name="whole"/>: the response was read to its end, so there are trailers.</summary>
    private void Finish(Status status, bool whole)
    {
        HttpResponseMessage? response;
        if (NeedsMessage && status.StatusCode == StatusCode.OK)
            status = new Status(StatusCode.Internal, "Failed to deserialize response message.");
        lock (_gate)
        {
            if (_final is not null) return;
            _final = status;
            _whole = whole;
            response = _response;
        }

        if (status.StatusCode != StatusCode.OK) LogFailed(_channel.Logger, status.StatusCode, status.Detail);
        _timer?.Dispose();
        _registration.Unregister();
        _channel.Forget(this);
        if (response is not null) _responded.TrySetResult(response);
        else _responded.TrySetCanceled(CancellationToken.None);

        // A response that was not read to its end is reset by its Dispose; a request that is still being sent, by the token.
        if (!whole) _source.Cancel();
        response?.Dispose();
        OnFinished();
    }

    [LoggerMessage(1, LogLevel.Information, "Call failed with gRPC error status. Status code: '{StatusCode}', Message: '{Detail}'.")]
    private static partial void LogFailed(ILogger logger, StatusCode statusCode, string detail);
}
