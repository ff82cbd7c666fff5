using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.FrontDoors;

/// <summary>How this process makes itself known to grains and other front doors.</summary>
public sealed class FrontDoorOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:FrontDoor";

    /// <summary>How many observers receive the calls of grains. The default, 0, is one a core.</summary>
    [Range(0, 256)]
    public int Lanes { get; set; }

    /// <summary>
    /// Where the start counter is kept, from which the front-door number comes. The default is <c>data</c>, below the content root.
    /// Empty: the number is random.
    /// </summary>
    public string DataFolder { get; set; } = "data";

    /// <summary>Is the number leased from the cluster, rather than taken from the start counter? The default is false.</summary>
    public bool Cluster { get; set; }
}
