using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Client.Wire;
using Switchboard.V1;

namespace Switchboard.Client.Serving;

/// <summary>
/// One answer over one <c>AgentResponsePublish</c> call, which is opened by the first write or by the end. When the gateway ends the
/// call first, the handler is cancelled.
/// </summary>
internal sealed class AnswerCall(AgentGateway.AgentGatewayClient client, string requestId, ulong sessionId, RunningRequest running)
    : IAnswerWriter, IAsyncDisposable
{
    /// <summary>The largest part of a body that goes as one message, in bytes.</summary>
    public const int LongestPart = 1 << 20;

    private AsyncClientStreamingCall<AgentResponse, Empty>? _call;
    private Task _watch = Task.CompletedTask;
    private RpcException? _fault;
    private int _status = 200;
    private int _writing;
    private bool _headSent;
    private bool _ended;

    public int Status
    {
        get => _status;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 200);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 599);
            if (_headSent)
            {
                throw new InvalidOperationException("The answer has begun; its status is on its way.");
            }

            _status = value;
        }
    }

    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Why the gateway ended the call, where it did.</summary>
    public RpcException? Fault => _fault;

    public async Task WriteAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        do
        {
            var piece = part[..Math.Min(part.Length, LongestPart)];
            part = part[piece.Length..];
            // The bytes are not copied: they are on the wire, or the call is dead, when the write returns.
            await SendAsync(new AgentResponse { Body = UnsafeByteOperations.UnsafeWrap(piece) }, cancellationToken);
        }
        while (part.Length > 0);
    }

    public async Task FailAsync(string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ThrowIfEnded();
        _headSent = true;
        await SendAsync(new AgentResponse { Error = reason }, cancellationToken);
        await EndAsync();
    }

    /// <summary>Ends the answer, unless <see cref="FailAsync"/> has, and waits for the gateway's word that it has it.</summary>
    public async Task FinishAsync()
    {
        if (_ended)
        {
            return;
        }

        if (!_headSent && (Status != 200 || Headers.Count > 0))
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
            running.BeginAnswer();
            _call = client.AgentResponsePublish(metadata, cancellationToken: running.Token);
            _watch = WatchAsync(_call);
        }

        return _call;
    }

    private async Task SendAsync(AgentResponse message, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _writing, 1) != 0)
        {
            throw new InvalidOperationException("A write of this answer is still under way; await it first.");
        }

        if (!_headSent)
        {
            _headSent = true;
            message.Status = (uint)_status;
            message.Headers.Add(Headers);
        }

        try
        {
            await Open().RequestStream.WriteAsync(message, cancellationToken);
        }
        catch (Exception error) when (IsOver(error))
        {
            throw Gone(error);
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
        catch (Exception error) when (IsOver(error))
        {
            throw Gone(error);
        }

        await _watch;
        if (_fault is not null)
        {
            throw Gone(_fault);
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
            _fault = error;
        }
        catch (OperationCanceledException)
        {
            // The handler was cancelled before the call got going; there is nothing more to stop.
            return;
        }

        // Before the half-close this says that nobody waits for the rest; after it, the handler has returned.
        if (!_ended)
        {
            running.Cancel();
        }
    }

    // Writes never overlap here, so that InvalidOperationException too says that the call is over. The last two come where the
    // connection breaks under a write: gRPC lets them through as HttpClient throws them.
    private static bool IsOver(Exception error) =>
        error is RpcException or InvalidOperationException or HttpRequestException or IOException;

    private OperationCanceledException Gone(Exception error)
    {
        running.Cancel();
        return new OperationCanceledException("The gateway has ended this answer: nobody waits for it any more.", error, running.Token);
    }

    private void ThrowIfEnded()
    {
        if (_ended)
        {
            throw new InvalidOperationException("This answer has ended.");
        }
    }
}
