namespace Switchboard.Client;

/// <summary>Specifies the state of an agent's connection.</summary>
public enum SwitchboardAgentState
{
    /// <summary>The agent is connecting to the gateway.</summary>
    Connecting,

    /// <summary>The gateway has accepted the subscription, and requests arrive.</summary>
    Connected,

    /// <summary>The gateway is draining: the agent opens a new session while this one finishes its requests.</summary>
    Draining,

    /// <summary>The agent is not connected and tries again after <see cref="SwitchboardAgentStatus.RetryAfter"/>.</summary>
    Waiting,

    /// <summary>The agent has stopped.</summary>
    Stopped,
}
