using System.ComponentModel.DataAnnotations;
using Switchboard.Abstractions;

namespace Switchboard.Api.FrontDoors;

/// <summary>Provides options for how grains and other front doors know this process.</summary>
public sealed class FrontDoorOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:FrontDoor";

    /// <summary>The number of observers that receive the calls of grains. The default, 0, is one for each core.</summary>
    [Range(0, 256)]
    [FormerName("Lanes")]
    public int Observers { get; set; }

    /// <summary>
    /// The folder of the start counter, from which the front-door number is computed. The default is <c>data</c>, below the content root.
    /// Empty: the number is random.
    /// </summary>
    public string DataFolder { get; set; } = "data";

    /// <summary>Whether the number is leased from the cluster, rather than taken from the start counter. The default is false.</summary>
    public bool Cluster { get; set; }

    /// <summary>
    /// Whether agents are asked to connect anew while this front door holds more than its share of the cluster's sessions, as after a
    /// rolling restart. The default is true.
    /// </summary>
    public bool Rebalance { get; set; } = true;

    /// <summary>
    /// The maximum part of its sessions that is asked to with each renewal, every 5 s; at least one is. The default is 0.01: half of the
    /// sessions of a front door take about five minutes.
    /// </summary>
    [Range(0.0001, 1)]
    public double RebalanceRate { get; set; } = 0.01;

    /// <summary>For how long no front door has joined or left before any are.</summary>
    internal TimeSpan RebalanceAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After what time without a renewal the sessions here end: as long as a silo that hangs may take to be found, as the registry's own
    /// may be the one, and two renewals more.
    /// </summary>
    internal TimeSpan FenceAfter { get; set; } = TimeSpan.FromSeconds(75);
}
