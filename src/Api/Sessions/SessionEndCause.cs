using Switchboard.Abstractions.Agents;

namespace Switchboard.Api.Sessions;

/// <summary>Why a session is over.</summary>
internal enum SessionEndCause
{
    /// <summary>The agent went away, or its connection did.</summary>
    AgentGone,

    /// <summary>A newer session of the same agent is there.</summary>
    Displaced,

    /// <summary>Somebody asked for it.</summary>
    Kicked,

    /// <summary>The agent may not come back.</summary>
    Revoked,

    /// <summary>The process stops.</summary>
    Draining,

    /// <summary>A write took too long: the connection is dead, or the agent does not read.</summary>
    WriteTimeout,

    /// <summary>Its connect failed.</summary>
    NotConnected,
}

/// <summary>What a cause means on the wire and in metrics.</summary>
internal static class SessionEndCauses
{
    /// <summary>The word for metrics and logs.</summary>
    public static string Word(this SessionEndCause cause) => cause switch
    {
        SessionEndCause.AgentGone => "agent-gone",
        SessionEndCause.Displaced => "displaced",
        SessionEndCause.Kicked => "kicked",
        SessionEndCause.Revoked => "revoked",
        SessionEndCause.Draining => "draining",
        SessionEndCause.WriteTimeout => "write-timeout",
        _ => "not-connected",
    };

    /// <summary>What ends a session here that a grain has called over.</summary>
    public static SessionEndCause CauseOf(SessionEndReason reason) => reason switch
    {
        SessionEndReason.Displaced => SessionEndCause.Displaced,
        SessionEndReason.Revoked => SessionEndCause.Revoked,
        _ => SessionEndCause.Kicked,
    };

    /// <summary>Is there anybody left to be told?</summary>
    public static bool IsSilent(this SessionEndCause cause) =>
        cause is SessionEndCause.AgentGone or SessionEndCause.WriteTimeout or SessionEndCause.NotConnected;

    /// <summary>
    /// When the agent may come back. Displaced: not before the SDK's 60 s (two processes with one id would displace each other for
    /// ever); kicked: when the option says; revoked: never.
    /// </summary>
    public static TimeSpan? ReconnectAfter(this SessionEndCause cause, AgentSessionOptions options) => cause switch
    {
        SessionEndCause.Displaced => TimeSpan.FromSeconds(60),
        SessionEndCause.Kicked => options.KickedReconnectAfter,
        SessionEndCause.Draining => TimeSpan.FromSeconds(1),
        _ => null,
    };
}
