namespace Switchboard.Abstractions.Telemetry;

/// <summary>Names of spans and of their attributes. Unlike metrics, a span may name an agent and a request: spans are sampled, not kept.</summary>
public static class SpanNames
{
    /// <summary>An agent's subscription, as long as it lasts.</summary>
    public const string Subscribe = "agent_request_subscribe";

    /// <summary>A caller's request, from its arrival to its end.</summary>
    public const string Publish = "agent_request_publish";

    /// <summary>An agent's answer call.</summary>
    public const string Answer = "agent_response_publish";

    /// <summary>Attribute: the agent's id.</summary>
    public const string AgentId = "switchboard.agent.id";

    /// <summary>Attribute: its tenant.</summary>
    public const string Tenant = "switchboard.tenant";

    /// <summary>Attribute: the gateway's id of the request.</summary>
    public const string RequestId = "switchboard.request.id";

    /// <summary>Attribute: what is asked of the agent.</summary>
    public const string Method = "switchboard.method";

    /// <summary>Attribute: the session's id.</summary>
    public const string SessionId = "switchboard.session.id";

    /// <summary>Attribute: the verdict's reason.</summary>
    public const string Verdict = "switchboard.verdict";

    /// <summary>Attribute: whether the agent was sent the request.</summary>
    public const string Sent = "switchboard.sent";
}
