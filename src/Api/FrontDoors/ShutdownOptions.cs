using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.FrontDoors;

/// <summary>Provides options for the stop of the front door.</summary>
public sealed class ShutdownOptions
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Shutdown";

    /// <summary>The time within which requests end that are open after the drain time (T5).</summary>
    public static readonly TimeSpan LastResponses = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time within the drain time in which a front door that has handed over its agents refuses calls as <c>draining</c> before it closes
    /// its listeners, so that callers hear where they should not call, instead of losing a connection with a call on it.
    /// </summary>
    public static readonly TimeSpan Refusals = TimeSpan.FromSeconds(1);

    /// <summary>How long requests under way may go on after the stop has begun. Default 10 s; 0 ends them at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The time over which the agents of this front door reconnect elsewhere: each is given another moment within it, so that they do not
    /// reconnect all at once. Default 5 s. A fleet of 10,000 needs more; the drain time should be longer than this.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ReconnectSpread { get; set; } = TimeSpan.FromSeconds(5);
}
