namespace Switchboard.Client.Wire;

/// <summary>Defines the names of gRPC metadata in the wire contract.</summary>
internal static class WireNames
{
    public const string RequestId = "request-id";
    public const string SessionId = "session-id";
    public const string ConnectWait = "connect-wait";
    public const string Reason = "switchboard-reason";
    public const string Sent = "switchboard-sent";
    public const string RetryAfter = "retry-after";
}
