namespace Switchboard.Abstractions.Telemetry;

/// <summary>
/// Defines the names of spans and of their attributes. Unlike metrics, a span may name an agent and a request: spans are sampled, not kept.
/// </summary>
public static class SpanNames
{
    /// <summary>The span of an agent's subscription.</summary>
    public const string Subscribe = "agent_request_subscribe";

    /// <summary>The span of a caller's request, from its arrival to its end.</summary>
    public const string Publish = "agent_request_publish";

    /// <summary>The span of an agent's response call.</summary>
    public const string Respond = "agent_response_publish";

    /// <summary>Attribute: the agent's id.</summary>
    public const string AgentId = "switchboard.agent.id";

    /// <summary>Attribute: its tenant.</summary>
    public const string Tenant = "switchboard.tenant";

    /// <summary>Attribute: the gateway's id of the request.</summary>
    public const string RequestId = "switchboard.request.id";

    /// <summary>Attribute: the method of the request.</summary>
    public const string Method = "switchboard.method";

    /// <summary>Attribute: the session's id.</summary>
    public const string SessionId = "switchboard.session.id";

    /// <summary>Attribute: the verdict's reason.</summary>
    public const string Verdict = "switchboard.verdict";

    /// <summary>Attribute: whether the request was sent to the agent.</summary>
    public const string Sent = "switchboard.sent";
}
