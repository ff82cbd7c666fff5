namespace Switchboard.Client.Wire;

/// <summary>Names of gRPC metadata, as the wire contract gives them (DESIGN.md, sections 4 and 6).</summary>
internal static class WireNames
{
    public const string RequestId = "request-id";
    public const string SessionId = "session-id";
    public const string ConnectWait = "connect-wait";
    public const string Reason = "switchboard-reason";
    public const string Sent = "switchboard-sent";
    public const string RetryAfter = "retry-after";
}
