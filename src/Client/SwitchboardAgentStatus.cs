namespace Switchboard.Client;

/// <summary>Describes a change of an agent's connection.</summary>
/// <param name="State">The state that the connection has entered.</param>
public sealed record SwitchboardAgentStatus(SwitchboardAgentState State)
{
    /// <summary>Gets the id of the session, or 0 where there is none.</summary>
    public ulong SessionId { get; init; }

    /// <summary>Gets the time until the next attempt in state <see cref="SwitchboardAgentState.Waiting"/>; zero in the other
    /// states.</summary>
    public TimeSpan RetryAfter { get; init; }

    /// <summary>Gets a description of the cause, for people to read; empty where nothing went wrong.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Gets the error that ended the last session, or <see langword="null"/>.</summary>
    public Exception? Error { get; init; }
}
