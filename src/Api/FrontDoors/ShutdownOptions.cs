using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.FrontDoors;

/// <summary>How the process stops.</summary>
public sealed class ShutdownOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Shutdown";

    /// <summary>How long what is under way may still take after the stop began. The default is 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(10);
}
