using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Abstractions.Agents;

/// <summary>Describes a session that a front door opens for an agent.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.SessionConnect)]
public sealed record SessionConnect
{
    /// <summary>The session, 64 random bits drawn by the front door.</summary>
    [Id(0)]
    public required ulong Session { get; init; }

    /// <summary>The front door's number.</summary>
    [Id(1)]
    public required ushort FrontDoor { get; init; }

    /// <summary>How to reach that front door.</summary>
    [Id(2)]
    public required IFrontDoorObserver Observer { get; init; }
}

/// <summary>Specifies the outcome of a connect.</summary>
[GenerateSerializer]
public enum ConnectResult
{
    /// <summary>The session gets requests: all of them, or its share of a pool's.</summary>
    Connected = 0,

    /// <summary>The pool has as many sessions as it may have.</summary>
    PoolFull = 1,

    /// <summary>
    /// Sessions of this agent displace one another too fast: nothing has changed, and the connect is to be repeated after the wait.
    /// </summary>
    Wait = 2,
}

/// <summary>Represents the reply to a connect.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.SessionConnected)]
public sealed record SessionConnected
{
    /// <summary>
    /// The connect number, greater than that of every earlier connect of this agent; repeated in every announcement. 0 if not connected.
    /// </summary>
    [Id(0)]
    public required long ConnectNumber { get; init; }

    /// <summary>The sessions that this one displaced. The grain notifies those of other front doors; the caller ends its own.</summary>
    [Id(1)]
    public required IReadOnlyList<ulong> Displaced { get; init; }

    /// <summary>The outcome.</summary>
    [Id(2)]
    public ConnectResult Result { get; init; }

    /// <summary>With <see cref="ConnectResult.Wait"/>: the time after which to repeat the connect, at most 10 s.</summary>
    [Id(3)]
    public TimeSpan Wait { get; init; }

    /// <summary>Whether the agent keeps all its sessions (policy <c>pool</c>).</summary>
    [Id(4)]
    public bool Pool { get; init; }
}

/// <summary>Announces that a front door holds a session.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.SessionAnnouncement)]
public sealed record SessionAnnouncement
{
    /// <summary>The session.</summary>
    [Id(0)]
    public required ulong Session { get; init; }

    /// <summary>The front door's number.</summary>
    [Id(1)]
    public required ushort FrontDoor { get; init; }

    /// <summary>How to reach that front door.</summary>
    [Id(2)]
    public required IFrontDoorObserver Observer { get; init; }

    /// <summary>
    /// The number that <see cref="IAgentGrain.Connect"/> gave. 0: the connect is still under way, and the session is not announced.
    /// </summary>
    [Id(3)]
    public required long ConnectNumber { get; init; }

    /// <summary>Whether the session was sent <c>go_away</c> (draining) and takes no new request.</summary>
    [Id(4)]
    public bool Retiring { get; init; }
}

/// <summary>Specifies why a session has ended.</summary>
[GenerateSerializer]
public enum SessionEndReason
{
    /// <summary>A newer session of the same agent has connected.</summary>
    Displaced = 0,

    /// <summary>The session was kicked through the API.</summary>
    Kicked = 1,

    /// <summary>The agent's access was revoked; it must not reconnect.</summary>
    Revoked = 2,
}

/// <summary>Notifies a front door that a session has ended for a reason outside of that front door.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.SessionEnd)]
public sealed record SessionEnd
{
    /// <summary>The agent's grain key.</summary>
    [Id(0)]
    public required string AgentKey { get; init; }

    /// <summary>The session.</summary>
    [Id(1)]
    public required ulong Session { get; init; }

    /// <summary>The reason.</summary>
    [Id(2)]
    public required SessionEndReason Reason { get; init; }
}

/// <summary>Describes a session that takes requests, and how to reach it.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.RouteTarget)]
public sealed record RouteTarget
{
    /// <summary>The front door that holds the session.</summary>
    [Id(0)]
    public required ushort FrontDoor { get; init; }

    /// <summary>The session.</summary>
    [Id(1)]
    public required ulong Session { get; init; }

    /// <summary>How to reach the front door.</summary>
    [Id(2)]
    public required IFrontDoorObserver Observer { get; init; }
}

/// <summary>Holds the sessions that a request for the agent may go to.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.RouteResult)]
public sealed record RouteResult
{
    /// <summary>The sessions, newest first. Empty: the agent is offline. More than one only in a pool.</summary>
    [Id(0)]
    public required IReadOnlyList<RouteTarget> Targets { get; init; }

    /// <summary>Whether the agent keeps all its sessions (policy <c>pool</c>), so that others may join those named here.</summary>
    [Id(1)]
    public bool Pool { get; init; }

    /// <summary>
    /// Nobody is known, and a front door of the cluster has not said yet what it holds: the agent may be there.
    /// </summary>
    [Id(2)]
    public bool Unknown { get; init; }
}

/// <summary>Holds what the agent's grain knows.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.AgentStatus)]
public sealed record AgentStatus
{
    /// <summary>Whether there is a session that takes requests.</summary>
    [Id(0)]
    public required bool Online { get; init; }

    /// <summary>Every known session, retiring ones too.</summary>
    [Id(1)]
    public required IReadOnlyList<SessionAnnouncement> Sessions { get; init; }
}
