using Switchboard.Abstractions.Agents;

namespace Switchboard.Api.Sessions;

/// <summary>Specifies why a session has ended.</summary>
internal enum SessionEndCause
{
    /// <summary>The agent went away, or its connection did.</summary>
    AgentGone,

    /// <summary>A newer session of the same agent has connected.</summary>
    Displaced,

    /// <summary>The session was kicked through the API.</summary>
    Kicked,

    /// <summary>The agent's access was revoked; it must not reconnect.</summary>
    Revoked,

    /// <summary>The process stops.</summary>
    Draining,

    /// <summary>A write took too long: the connection is dead, or the agent does not read.</summary>
    WriteTimeout,

    /// <summary>Its connect failed.</summary>
    NotConnected,
}

/// <summary>Maps causes to the wire and to metrics.</summary>
internal static class SessionEndCauses
{
    /// <summary>Returns the reason for metrics and logs.</summary>
    public static string ToReason(this SessionEndCause cause) => cause switch
    {
        SessionEndCause.AgentGone => "agent-gone",
        SessionEndCause.Displaced => "displaced",
        SessionEndCause.Kicked => "kicked",
        SessionEndCause.Revoked => "revoked",
        SessionEndCause.Draining => "draining",
        SessionEndCause.WriteTimeout => "write-timeout",
        _ => "not-connected",
    };

    /// <summary>Returns the cause of a session that a grain has ended.</summary>
    public static SessionEndCause CauseOf(SessionEndReason reason) => reason switch
    {
        SessionEndReason.Displaced => SessionEndCause.Displaced,
        SessionEndReason.Revoked => SessionEndCause.Revoked,
        _ => SessionEndCause.Kicked,
    };

    /// <summary>Returns whether no go_away is sent, because the agent is gone.</summary>
    public static bool IsSilent(this SessionEndCause cause) =>
        cause is SessionEndCause.AgentGone or SessionEndCause.WriteTimeout or SessionEndCause.NotConnected;

    /// <summary>
    /// Returns when the agent may reconnect. Displaced: not before the SDK's 60 s (two processes with one id would displace each other for
    /// ever); kicked: as configured; revoked: never.
    /// </summary>
    public static TimeSpan? ReconnectAfter(this SessionEndCause cause, AgentSessionOptions options) => cause switch
    {
        SessionEndCause.Displaced => TimeSpan.FromSeconds(60),
        SessionEndCause.Kicked => options.KickedReconnectAfter,
        SessionEndCause.Draining => TimeSpan.FromSeconds(1),
        _ => null,
    };
}
