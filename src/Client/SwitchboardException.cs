using Grpc.Core;
using Switchboard.Client.Wire;

namespace Switchboard.Client;

/// <summary>The exception that is thrown when a request or a session fails at the gateway or on the connection to it.</summary>
public class SwitchboardException : Exception
{
    /// <summary>The <see cref="Reason"/> of a request for which no connection to the gateway could be made.</summary>
    public const string GatewayUnreachable = "gateway-unreachable";

    /// <summary>The <see cref="Reason"/> of a request whose connection to the gateway broke.</summary>
    public const string ConnectionLost = "connection-lost";

    /// <summary>
    /// The <see cref="Reason"/> of a request that the gateway did not respond to within its timeout and 5 seconds.
    /// </summary>
    public const string GatewaySilent = "gateway-silent";

    /// <summary>The <see cref="Reason"/> of a failure for which the gateway, or a proxy before it, gave none.</summary>
    public const string UnknownReason = "unknown";

    internal SwitchboardException(string message, string reason, StatusCode statusCode, bool? sent, string? requestId, Exception? inner)
        : base(message, inner)
    {
        Reason = reason;
        StatusCode = statusCode;
        Sent = sent;
        RequestId = requestId;
    }

    /// <summary>
    /// Gets the gateway's stable name of the cause, such as <c>agent-offline</c>, or one of the constants of this class.
    /// </summary>
    public string Reason { get; }

    /// <summary>
    /// Gets whether the request was sent to the agent. <see langword="false"/> means that the agent has not received it, and
    /// <see langword="null"/> that it is not known.
    /// </summary>
    public bool? Sent { get; }

    /// <summary>Gets the id that the gateway has assigned to the request, or <see langword="null"/>.</summary>
    public string? RequestId { get; }

    /// <summary>Gets the gRPC status code of the call.</summary>
    public StatusCode StatusCode { get; }

    internal static SwitchboardException SentAway(string agentId, string reason) =>
        new($"The gateway sent agent '{agentId}' away: {reason}.", reason, StatusCode.OK, null, null, null);

    internal static SwitchboardException From(RpcException error, string? requestId)
    {
        requestId = error.Trailers.GetValue(WireNames.RequestId) ?? requestId;
        if (error.Trailers.GetValue(WireNames.Reason) is { } reason)
        {
            bool? sent = error.Trailers.GetValue(WireNames.Sent) switch { "yes" => true, "no" => false, _ => null };
            return new SwitchboardException(Detail(error), reason, error.StatusCode, sent, requestId, error);
        }

        if (error.StatusCode != StatusCode.Unavailable)
        {
            return new SwitchboardException(Detail(error), UnknownReason, error.StatusCode, null, requestId, error);
        }

        // "Connection refused" says more than what gRPC makes of it.
        var detail = error.Status.DebugException?.GetBaseException().Message ?? Detail(error);
        return ConnectFailure.Is(error.Status.DebugException)
            ? new SwitchboardException(detail, GatewayUnreachable, error.StatusCode, false, requestId, error)
            : new SwitchboardException(detail, ConnectionLost, error.StatusCode, null, requestId, error);
    }

    private static string Detail(RpcException error) =>
        string.IsNullOrEmpty(error.Status.Detail) ? error.StatusCode.ToString() : error.Status.Detail;
}
