using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Sessions;

/// <summary>Limits and times of agents' sessions.</summary>
public sealed class AgentSessionOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Sessions";

    /// <summary>Requests in flight towards an agent that names no figure. The default is 1,024.</summary>
    [Range(1, 65_536)]
    public int DefaultMaxInFlight { get; set; } = 1024;

    /// <summary>The most that an agent may ask for; more is lowered to this. The default is 65,536.</summary>
    [Range(1, 65_536)]
    public int MaxInFlightLimit { get; set; } = 65_536;

    /// <summary>
    /// Bytes of requests that may wait to be written to one session, beside the first. The default is 32 MiB: one agent that does not read
    /// takes a sixteenth of what the process may hold (<c>Admission:MaxBytesHeld</c>).
    /// </summary>
    [Range(1, 1_073_741_824)]
    public int MaxQueuedBytes { get; set; } = 33_554_432;

    /// <summary>
    /// After how long without a word a heartbeat is sent. The default is 10 s. At most 12 s: an agent takes 2.5 of these without a word
    /// for a dead connection, which must be found within 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:12")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one write to an agent may take; past it the session is dead. The default is 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:28")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often an agent is told which requests are believed to be with it, so that what only one side knows of ends. The default is 60 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>When an agent that was kicked may come back. The default is 5 s: time enough to see that it has gone.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan KickedReconnectAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Sessions of this process at once. The default is 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>
    /// Must a response name the session that the request went to (<c>session-id</c>)? The default is true: a request id is no secret, and
    /// whoever has one could answer in the agent's place.
    /// </summary>
    public bool RequireSession { get; set; } = true;

    /// <summary>Labels that an agent may have. The default is 64.</summary>
    [Range(0, 1024)]
    public int MaxLabels { get; set; } = 64;

    /// <summary>
    /// Bytes of an agent's labels, keys and values together as UTF-8. The default is 8,192: the index keeps them for every agent that it
    /// knows.
    /// </summary>
    [Range(0, 1_048_576)]
    public int MaxLabelBytes { get; set; } = 8192;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // A peer that takes nothing more is found by the next heartbeat that cannot be written, looked at once a second.
        TimeSpan found = HeartbeatInterval + WriteTimeout + TimeSpan.FromSeconds(1);
        if (found > TimeSpan.FromSeconds(30))
        {
            yield return new ValidationResult(
                $"HeartbeatInterval {HeartbeatInterval} and WriteTimeout {WriteTimeout} together must be at most 29 s, so that a dead "
                + "connection is found within 30 s.");
        }
    }
}
