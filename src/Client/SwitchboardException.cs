using Grpc.Core;
using Switchboard.Client.Wire;

namespace Switchboard.Client;

/// <summary>The gateway, or the way to it, ended a request or a session without the answer that was asked for.</summary>
public class SwitchboardException : Exception
{
    /// <summary><see cref="Reason"/> where no gateway could be reached.</summary>
    public const string GatewayUnreachable = "gateway-unreachable";

    /// <summary><see cref="Reason"/> where the connection to the gateway broke.</summary>
    public const string ConnectionLost = "connection-lost";

    /// <summary><see cref="Reason"/> where a gateway was reached and told nothing in time.</summary>
    public const string GatewaySilent = "gateway-silent";

    /// <summary><see cref="Reason"/> where the gateway, or something on the way to it, gave none.</summary>
    public const string UnknownReason = "unknown";

    /// <summary>An error with what is known of it.</summary>
    public SwitchboardException(string message, string reason, StatusCode status, bool? sent, string? requestId, Exception? inner)
        : base(message, inner)
    {
        Reason = reason;
        Status = status;
        Sent = sent;
        RequestId = requestId;
    }

    /// <summary>
    /// The gateway's stable word for what happened, such as <c>agent-offline</c> (DESIGN.md, section 6), or one of the constants here.
    /// </summary>
    public string Reason { get; }

    /// <summary>Whether the request was handed to the agent: <c>false</c> makes a retry safe, <c>null</c> is not known.</summary>
    public bool? Sent { get; }

    /// <summary>The gateway's id of the request, where one was given.</summary>
    public string? RequestId { get; }

    /// <summary>The gRPC status of the call.</summary>
    public StatusCode Status { get; }

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
