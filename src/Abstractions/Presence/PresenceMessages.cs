namespace Switchboard.Abstractions.Presence;

/// <summary>Describes one agent, as the index keeps it and front doors report it.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.AgentReport)]
public sealed record AgentReport
{
    /// <summary>The tenant.</summary>
    [Id(0)]
    public required string Tenant { get; init; }

    /// <summary>The agent's id within the tenant.</summary>
    [Id(1)]
    public required string AgentId { get; init; }

    /// <summary>Whether it is connected.</summary>
    [Id(2)]
    public required bool Online { get; init; }

    /// <summary>
    /// The number of the connect that this report is about. A report about an older connect than the known one changes nothing.
    /// </summary>
    [Id(3)]
    public required long ConnectNumber { get; init; }

    /// <summary>The session.</summary>
    [Id(4)]
    public required ulong Session { get; init; }

    /// <summary>The front door that holds, or held, the session.</summary>
    [Id(5)]
    public required ushort FrontDoor { get; init; }

    /// <summary>When the agent was last seen.</summary>
    [Id(6)]
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Labels that the agent gave.</summary>
    [Id(7)]
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The agent's version, as the agent gave it.</summary>
    [Id(8)]
    public required string SoftwareVersion { get; init; }
}

/// <summary>Selects the agents to list.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.AgentQuery)]
public sealed record AgentQuery
{
    /// <summary>The tenant.</summary>
    [Id(0)]
    public required string Tenant { get; init; }

    /// <summary>Labels that an agent must have, with these values.</summary>
    [Id(1)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Only online or only offline ones; null: both.</summary>
    [Id(2)]
    public bool? Online { get; init; }

    /// <summary>The maximum number of agents on the page.</summary>
    [Id(3)]
    public required int Limit { get; init; }

    /// <summary>Agent ids after this one, in ordinal order; empty: from the start.</summary>
    [Id(4)]
    public string After { get; init; } = "";
}

/// <summary>Holds a page of agents, in ordinal order of their ids.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.AgentPage)]
public sealed record AgentPage
{
    /// <summary>The agents.</summary>
    [Id(0)]
    public required IReadOnlyList<AgentReport> Agents { get; init; }

    /// <summary>Whether there are more after the last one.</summary>
    [Id(1)]
    public required bool More { get; init; }
}
