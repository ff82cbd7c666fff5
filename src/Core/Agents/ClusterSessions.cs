namespace Switchboard.Core.Agents;

/// <summary>Describes how many sessions a cluster's front doors hold, as the registry of front doors counts them.</summary>
/// <param name="Total">The sessions of all of them, as each reported them with its last renewal; 0 if that is unknown.</param>
/// <param name="FrontDoors">The number of front doors.</param>
/// <param name="Unchanged">The time since a front door last joined or left.</param>
public readonly record struct ClusterSessions(long Total, int FrontDoors, TimeSpan Unchanged);
