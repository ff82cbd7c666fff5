using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Abstractions.Agents;

/// <summary>A front door opens a session of an agent.</summary>
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
    public required IFrontDoorLane Lane { get; init; }
}

/// <summary>What came of a connect.</summary>
[GenerateSerializer]
public enum ConnectResult
{
    /// <summary>The session gets requests: all of them, or its share of a pool's.</summary>
    Connected = 0,

    /// <summary>The pool has as many sessions as it takes.</summary>
    PoolFull = 1,

    /// <summary>Sessions of this agent displace one another too fast: nothing has changed, ask again after the wait.</summary>
    Wait = 2,
}

/// <summary>The answer to a connect.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.SessionConnected)]
public sealed record SessionConnected
{
    /// <summary>Greater than that of every earlier connect of this agent; repeated in every announcement. 0 where it is not connected.</summary>
    [Id(0)]
    public required long ConnectNumber { get; init; }

    /// <summary>
    /// The sessions that this one displaced. Those of other front doors are told by the grain; the caller ends its own at once.
    /// </summary>
    [Id(1)]
    public required IReadOnlyList<ulong> Displaced { get; init; }

    /// <summary>Did it connect?</summary>
    [Id(2)]
    public ConnectResult Result { get; init; }

    /// <summary>With <see cref="ConnectResult.Wait"/>: when to ask again, at most 30 s.</summary>
    [Id(3)]
    public TimeSpan Wait { get; init; }

    /// <summary>Does the agent keep all its sessions (policy <c>pool</c>)?</summary>
    [Id(4)]
    public bool Pool { get; init; }
}

/// <summary>A front door says that it holds a session.</summary>
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
    public required IFrontDoorLane Lane { get; init; }

    /// <summary>
    /// The number that <see cref="IAgentGrain.Connect"/> gave. 0: its connect is still under way, and the session is not announced.
    /// </summary>
    [Id(3)]
    public required long ConnectNumber { get; init; }

    /// <summary>The session was told to go away (draining) and takes no new request.</summary>
    [Id(4)]
    public bool Retiring { get; init; }
}

/// <summary>Why a session is over.</summary>
[GenerateSerializer]
public enum SessionEndReason
{
    /// <summary>A newer session of the same agent is there.</summary>
    Displaced = 0,

    /// <summary>Somebody asked for it.</summary>
    Kicked = 1,

    /// <summary>The agent may not come back.</summary>
    Revoked = 2,
}

/// <summary>A session is over by somebody else's word.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.SessionEnd)]
public sealed record SessionEnd
{
    /// <summary>The agent's grain key.</summary>
    [Id(0)]
    public required string AgentKey { get; init; }

    /// <summary>The session.</summary>
    [Id(1)]
    public required ulong Session { get; init; }

    /// <summary>Why.</summary>
    [Id(2)]
    public required SessionEndReason Reason { get; init; }
}

/// <summary>A session that takes requests, and how to reach it.</summary>
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
    public required IFrontDoorLane Lane { get; init; }
}

/// <summary>Where a request for the agent may go.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.RouteResult)]
public sealed record RouteResult
{
    /// <summary>Newest first. Empty: nobody is there. More than one only in a pool.</summary>
    [Id(0)]
    public required IReadOnlyList<RouteTarget> Targets { get; init; }

    /// <summary>Does the agent keep all its sessions (policy <c>pool</c>)? Then others may join those named here.</summary>
    [Id(1)]
    public bool Pool { get; init; }
}

/// <summary>What the agent's grain knows.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.AgentStatus)]
public sealed record AgentStatus
{
    /// <summary>Is there a session that takes requests?</summary>
    [Id(0)]
    public required bool Online { get; init; }

    /// <summary>Every known session, retiring ones too.</summary>
    [Id(1)]
    public required IReadOnlyList<SessionAnnouncement> Sessions { get; init; }
}
