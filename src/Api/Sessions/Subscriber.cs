using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <summary>Represents a validated subscriber.</summary>
internal sealed record Subscriber
{
    public required AgentKey Agent { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required string SoftwareVersion { get; init; }

    /// <summary>The maximum that the agent asked for; 0: the default.</summary>
    public required uint MaxInFlight { get; init; }
}
