namespace Switchboard.Client;

/// <summary>What an agent is doing about its connection.</summary>
public enum SwitchboardAgentState
{
    /// <summary>It is connecting to the gateway.</summary>
    Connecting,

    /// <summary>The gateway has said welcome: requests arrive.</summary>
    Connected,

    /// <summary>The gateway is draining: a new session is about to be opened while this one finishes.</summary>
    Draining,

    /// <summary>It is not connected and will try again after <see cref="SwitchboardAgentStatus.RetryIn"/>.</summary>
    Waiting,

    /// <summary>It has ended.</summary>
    Stopped,
}

/// <summary>One change of an agent's connection.</summary>
public sealed record SwitchboardAgentStatus(SwitchboardAgentState State)
{
    /// <summary>The session, where there is one.</summary>
    public ulong SessionId { get; init; }

    /// <summary>How long until the next try, where it waits for one.</summary>
    public TimeSpan RetryIn { get; init; }

    /// <summary>Why, for people to read; empty where nothing went wrong.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The error that ended the last session, where one did.</summary>
    public Exception? Error { get; init; }
}
