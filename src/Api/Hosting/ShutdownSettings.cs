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

    /// <summary>
    /// Over what time the agents of this front door come back elsewhere: each is told another moment within it, so that they don't come in
    /// one crowd. Default 5 s. A fleet of 10,000 wants more; the drain time should be longer than this.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ReconnectSpread { get; set; } = TimeSpan.FromSeconds(5);
}
