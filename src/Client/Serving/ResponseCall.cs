using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Client.Wire;
using Switchboard.V1;

namespace Switchboard.Client.Serving;

/// <summary>
/// Writes a response over one <c>AgentResponsePublish</c> call, which the first write or the end of the response opens. The handler is
/// cancelled when the gateway ends the call first.
/// </summary>
internal sealed class ResponseCall(AgentGateway.AgentGatewayClient client, string requestId, ulong sessionId, RunningRequest running)
    : IResponseWriter, IAsyncDisposable
{
    /// <summary>The maximum length of the body of one message, in bytes.</summary>
    public const int MaxChunkBytes = 1 << 20;

    private AsyncClientStreamingCall<AgentResponse, Empty>? _call;
    private Task _watch = Task.CompletedTask;
    private RpcException? _error;
    private int _status = 200;
    private int _writing;
    private bool _isHeadSent;
    private bool _ended;

    public int Status
    {
        get => _status;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 200);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 599);
            if (_isHeadSent)
            {
                throw new InvalidOperationException("The response has begun; its status has been sent.");
            }

            _status = value;
        }
    }

    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the error by which the gateway ended the call, or <see langword="null"/>.</summary>
    public RpcException? Error => _error;

    public async Task WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        do
        {
            var chunk = buffer[..Math.Min(buffer.Length, MaxChunkBytes)];
            buffer = buffer[chunk.Length..];
            // The bytes need no copy: when the write returns they have been sent, or the call has ended.
            await SendAsync(new AgentResponse { Body = UnsafeByteOperations.UnsafeWrap(chunk) }, cancellationToken);
        }
        while (buffer.Length > 0);
    }

    public async Task FailAsync(string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ThrowIfEnded();
        _isHeadSent = true;
        await SendAsync(new AgentResponse { Error = reason }, cancellationToken);
        await EndAsync();
    }

    /// <summary>Ends the response, unless <see cref="FailAsync"/> has, and waits until the gateway has confirmed it.</summary>
    public async Task FinishAsync()
    {
        if (_ended)
        {
            return;
        }

        if (!_isHeadSent && (Status != 200 || Headers.Count > 0))
        {
            await SendAsync(new AgentResponse(), CancellationToken.None);
        }

        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _call?.Dispose();
        await _watch;
    }

    private AsyncClientStreamingCall<AgentResponse, Empty> Open()
    {
        if (_call is null)
        {
            var metadata = new Metadata
            {
                { WireNames.RequestId, requestId },
                { WireNames.SessionId, sessionId.ToString(CultureInfo.InvariantCulture) },
            };
            running.BeginResponse();
            _call = client.AgentResponsePublish(metadata, cancellationToken: running.Token);
            _watch = WatchAsync(_call);
        }

        return _call;
    }

    private async Task SendAsync(AgentResponse message, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _writing, 1) != 0)
        {
            throw new InvalidOperationException("Another write of this response is running; await it first.");
        }

        if (!_isHeadSent)
        {
            _isHeadSent = true;
            message.Status = (uint)_status;
            message.Headers.Add(Headers);
        }

        try
        {
            await Open().RequestStream.WriteAsync(message, cancellationToken);
        }
        catch (Exception error) when (IsCallEnded(error))
        {
            throw Cancelled(error);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    private async Task EndAsync()
    {
        _ended = true;
        try
        {
            await Open().RequestStream.CompleteAsync();
        }
        catch (Exception error) when (IsCallEnded(error))
        {
            throw Cancelled(error);
        }

        await _watch;
        if (_error is not null)
        {
            throw Cancelled(_error);
        }
    }

    private async Task WatchAsync(AsyncClientStreamingCall<AgentResponse, Empty> call)
    {
        try
        {
            await call.ResponseAsync;
        }
        catch (RpcException error)
        {
            _error = error;
        }
        catch (OperationCanceledException)
        {
            // The handler was cancelled before the call was opened, so there is nothing more to cancel.
            return;
        }

        // Before the half-close the gateway does not want the rest; after it, the handler has returned.
        if (!_ended)
        {
            running.Cancel();
        }
    }

    // Writes never overlap here, so that InvalidOperationException too means that the call has ended. The last two come where the
    // connection breaks under a write: gRPC lets them through as HttpClient throws them.
    private static bool IsCallEnded(Exception error) =>
        error is RpcException or InvalidOperationException or HttpRequestException or IOException;

    private OperationCanceledException Cancelled(Exception error)
    {
        running.Cancel();
        return new OperationCanceledException("The gateway has ended this response: nobody waits for it any more.", error, running.Token);
    }

    private void ThrowIfEnded()
    {
        if (_ended)
        {
            throw new InvalidOperationException("This response has ended.");
        }
    }
}
