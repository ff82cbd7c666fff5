using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <summary>Who subscribes, checked.</summary>
internal sealed record Subscriber
{
    public required AgentKey Agent { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required string SoftwareVersion { get; init; }

    /// <summary>What the agent asked for; 0: the default.</summary>
    public required uint MaxInFlight { get; init; }
}
