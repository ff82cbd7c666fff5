using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Client.Wire;
using Switchboard.V1;

namespace Switchboard.Client;

/// <summary>Sends requests to agents through a gateway. Instances are thread-safe; one for each gateway is enough.</summary>
public sealed class SwitchboardCaller : IDisposable
{
    // The time that the gateway may take beyond the request's deadline to say how the request has ended.
    private static readonly TimeSpan _gracePeriod = TimeSpan.FromSeconds(5);

    private readonly SwitchboardCallerOptions _options;
    private readonly GrpcChannel _channel;
    private readonly AgentGateway.AgentGatewayClient _client;

    /// <summary>Initializes a new caller, which connects when it sends the first request.</summary>
    /// <param name="options">The address of the gateway, and how to connect to it.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public SwitchboardCaller(SwitchboardCallerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _channel = GatewayChannel.Open(options.Address, options.LoggerFactory);
        _client = new AgentGateway.AgentGatewayClient(_channel);
    }

    /// <summary>Sends a request and returns when the response begins.</summary>
    /// <param name="agentId">The id of the agent.</param>
    /// <param name="method">The method, whose meaning is the agent's. May be empty.</param>
    /// <param name="body">The body of the request. It must not change before the returned task completes.</param>
    /// <param name="options">The timeouts, headers and idempotency key, or <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the request, and reading its response.</param>
    /// <returns>The response, which the caller disposes.</returns>
    /// <exception cref="SwitchboardException">The request failed. <see cref="SwitchboardException.Sent"/> says whether the
    /// agent received it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ArgumentException"><see cref="SwitchboardCallOptions.Timeout"/> or
    /// <see cref="SwitchboardCallOptions.ConnectWait"/> is out of range.</exception>
    public async Task<SwitchboardResponse> SendAsync(
        string agentId,
        string method,
        ReadOnlyMemory<byte> body,
        SwitchboardCallOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agentId);
        ArgumentNullException.ThrowIfNull(method);
        options ??= new();
        var message = CreateMessage(agentId, method, body, options);
        var timeout = (options.Timeout ?? SwitchboardCallOptions.MaxTimeout) + _gracePeriod;
        using var timer = new CancellationTokenSource(timeout, _options.TimeProvider);
        var lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        AsyncServerStreamingCall<AgentResponse>? call = null;
        string? requestId = null;
        try
        {
            // The timeout ends the call only before its first message: after that the response may last as long as it likes.
            using var registration = timer.Token.Register(lifetime.Cancel);
            call = _client.AgentRequestPublish(message, CreateMetadata(options), cancellationToken: lifetime.Token);
            requestId = (await call.ResponseHeadersAsync).GetValue(WireNames.RequestId);
            var any = await call.ResponseStream.MoveNext(lifetime.Token);
            var response = new SwitchboardResponse(requestId ?? "", any ? call.ResponseStream.Current : null, call, lifetime);
            (call, lifetime) = (null, null);
            return response;
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException)
        {
            throw CreateException(error, requestId, timer.Token, cancellationToken);
        }
        finally
        {
            call?.Dispose();
            lifetime?.Dispose();
        }
    }

    /// <summary>Closes the connection and cancels the requests that are in flight on it.</summary>
    public void Dispose() => _channel.Dispose();

    private static Metadata? CreateMetadata(SwitchboardCallOptions options)
    {
        if (options.ConnectWait == TimeSpan.Zero)
        {
            return null;
        }

        var seconds = (int)Math.Ceiling(options.ConnectWait.TotalSeconds);
        return new Metadata { { WireNames.ConnectWait, seconds.ToString(CultureInfo.InvariantCulture) } };
    }

    private static AgentRequest CreateMessage(string agentId, string method, ReadOnlyMemory<byte> body, SwitchboardCallOptions options)
    {
        if (options.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > SwitchboardCallOptions.MaxTimeout))
        {
            throw new ArgumentException($"Timeout is {timeout}; it must be over zero and at most 10 minutes.", nameof(options));
        }

        if (options.ConnectWait < TimeSpan.Zero || options.ConnectWait > SwitchboardCallOptions.MaxConnectWait)
        {
            throw new ArgumentException($"ConnectWait is {options.ConnectWait}; it must be from zero to 60 s.", nameof(options));
        }

        var message = new AgentRequest
        {
            Id = options.IdempotencyKey,
            AgentId = agentId,
            Method = method,
            Body = UnsafeByteOperations.UnsafeWrap(body),
            // In the message and not as grpc-timeout, which would also cut a long response short.
            Timeout = options.Timeout?.ToDuration(),
        };
        foreach (var (name, value) in options.Headers)
        {
            message.Headers.Add(name, value);
        }

        return message;
    }

    private static Exception CreateException(
        Exception error, string? requestId, CancellationToken timeout, CancellationToken cancellationToken)
    {
        var isCancellation = error is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };
        if (isCancellation && cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException("The request was given up.", error, cancellationToken);
        }

        if (isCancellation && timeout.IsCancellationRequested)
        {
            const string Message = "The gateway gave no verdict in time.";
            return new SwitchboardException(
                Message, SwitchboardException.GatewaySilent, StatusCode.DeadlineExceeded, null, requestId, error);
        }

        return error is RpcException rpc
            ? SwitchboardException.From(rpc, requestId)
            : new SwitchboardException(error.Message, SwitchboardException.UnknownReason, StatusCode.Cancelled, null, requestId, error);
    }
}
