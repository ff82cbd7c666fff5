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

/// <summary>The session is the agent's current one.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.SessionConnected)]
public sealed record SessionConnected
{
    /// <summary>Greater than that of every earlier connect of this agent; repeated in every announcement.</summary>
    [Id(0)]
    public required long ConnectNumber { get; init; }

    /// <summary>
    /// The sessions that this one displaced. Those of other front doors are told by the grain; the caller ends its own at once.
    /// </summary>
    [Id(1)]
    public required IReadOnlyList<ulong> Displaced { get; init; }
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

/// <summary>Where a request for the agent goes.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.RouteResult)]
public sealed record RouteResult
{
    /// <summary>The answer when nobody is there.</summary>
    public static RouteResult Offline { get; } = new();

    /// <summary>Is somebody there?</summary>
    [Id(0)]
    public bool Online { get; init; }

    /// <summary>The front door that holds the session.</summary>
    [Id(1)]
    public ushort FrontDoor { get; init; }

    /// <summary>The session.</summary>
    [Id(2)]
    public ulong Session { get; init; }

    /// <summary>How to reach the front door.</summary>
    [Id(3)]
    public IFrontDoorLane? Lane { get; init; }
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
