using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Hosting;

/// <summary>How the front door stops.</summary>
public sealed class ShutdownSettings
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Shutdown";

    /// <summary>What is answered after the drain time is answered within this (T5).</summary>
    public static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(5);

    /// <summary>How long what is under way may go on after the stop was asked for. Default 10 s; 0 ends it at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(10);
}
