using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Client.Wire;
using Switchboard.V1;

namespace Switchboard.Client;

/// <summary>Sends requests to agents. One for each gateway is enough; it can be used from any thread.</summary>
public sealed class SwitchboardCaller : IDisposable
{
    // What the gateway may take beyond its own deadline before this side stops believing that a verdict will come.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(5);

    private readonly SwitchboardCallerOptions _options;
    private readonly GrpcChannel _channel;
    private readonly AgentGateway.AgentGatewayClient _client;

    /// <summary>A caller; connects when the first request is sent.</summary>
    /// <exception cref="ArgumentException">Options are wrong.</exception>
    public SwitchboardCaller(SwitchboardCallerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _channel = GatewayChannel.Open(options.Address, options.LoggerFactory);
        _client = new AgentGateway.AgentGatewayClient(_channel);
    }

    /// <summary>Sends one request and returns as soon as the answer begins.</summary>
    /// <param name="agentId">Whom to ask.</param>
    /// <param name="method">What to ask; a word between caller and agent, may be empty.</param>
    /// <param name="body">The request's body. It must not change before this returns.</param>
    /// <param name="options">Time, headers, idempotency id; null for none.</param>
    /// <param name="cancellationToken">Gives the request up, and its answer for as long as that is read; the agent is told.</param>
    /// <exception cref="SwitchboardException">There is no answer; the error says why and whether the agent got the request.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="ArgumentException">The timeout is not over zero, or is over <see
    /// cref="SwitchboardCallOptions.LongestTimeout"/>; or the connect wait is negative or over <see
    /// cref="SwitchboardCallOptions.LongestConnectWait"/>.</exception>
    public async Task<SwitchboardAnswer> SendAsync(
        string agentId,
        string method,
        ReadOnlyMemory<byte> body,
        SwitchboardCallOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agentId);
        ArgumentNullException.ThrowIfNull(method);
        options ??= new();
        var message = Message(agentId, method, body, options);
        var patience = (options.Timeout ?? SwitchboardCallOptions.LongestTimeout) + _grace;
        using var silence = new CancellationTokenSource(patience, _options.TimeProvider);
        var lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        AsyncServerStreamingCall<AgentResponse>? call = null;
        string? requestId = null;
        try
        {
            // The silence ends the call only until its first message: after that the answer may last as long as it likes.
            using var giveUp = silence.Token.Register(lifetime.Cancel);
            call = _client.AgentRequestPublish(message, Metadata(options), cancellationToken: lifetime.Token);
            requestId = (await call.ResponseHeadersAsync).GetValue(WireNames.RequestId);
            var any = await call.ResponseStream.MoveNext(lifetime.Token);
            var answer = new SwitchboardAnswer(requestId ?? "", any ? call.ResponseStream.Current : null, call, lifetime);
            (call, lifetime) = (null, null);
            return answer;
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException)
        {
            throw Failure(error, requestId, silence.Token, cancellationToken);
        }
        finally
        {
            call?.Dispose();
            lifetime?.Dispose();
        }
    }

    /// <summary>Ends the connection and whatever is in flight on it.</summary>
    public void Dispose() => _channel.Dispose();

    // Without a wait there is nothing to say, and no list is made for it.
    private static Metadata? Metadata(SwitchboardCallOptions options)
    {
        if (options.ConnectWait == TimeSpan.Zero)
        {
            return null;
        }

        var seconds = (int)Math.Ceiling(options.ConnectWait.TotalSeconds);
        return new Metadata { { WireNames.ConnectWait, seconds.ToString(CultureInfo.InvariantCulture) } };
    }

    private static AgentRequest Message(string agentId, string method, ReadOnlyMemory<byte> body, SwitchboardCallOptions options)
    {
        if (options.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > SwitchboardCallOptions.LongestTimeout))
        {
            throw new ArgumentException($"Timeout is {timeout}; it must be over zero and at most 10 minutes.", nameof(options));
        }

        if (options.ConnectWait < TimeSpan.Zero || options.ConnectWait > SwitchboardCallOptions.LongestConnectWait)
        {
            throw new ArgumentException($"ConnectWait is {options.ConnectWait}; it must be from zero to 60 s.", nameof(options));
        }

        var message = new AgentRequest
        {
            Id = options.IdempotencyId,
            AgentId = agentId,
            Method = method,
            Body = UnsafeByteOperations.UnsafeWrap(body),
            // In the message and not as grpc-timeout, which would also cut a long answer short.
            Timeout = options.Timeout?.ToDuration(),
        };
        foreach (var (name, value) in options.Headers)
        {
            message.Headers.Add(name, value);
        }

        return message;
    }

    private static Exception Failure(Exception error, string? requestId, CancellationToken silence, CancellationToken caller)
    {
        var ours = error is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };
        if (ours && caller.IsCancellationRequested)
        {
            return new OperationCanceledException("The request was given up.", error, caller);
        }

        if (ours && silence.IsCancellationRequested)
        {
            const string Silent = "The gateway gave no verdict in time.";
            return new SwitchboardException(
                Silent, SwitchboardException.GatewaySilent, StatusCode.DeadlineExceeded, null, requestId, error);
        }

        return error is RpcException rpc
            ? SwitchboardException.From(rpc, requestId)
            : new SwitchboardException(error.Message, SwitchboardException.UnknownReason, StatusCode.Cancelled, null, requestId, error);
    }
}
