using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Sessions;

/// <summary>Provides options for the limits and times of agents' sessions.</summary>
public sealed class AgentSessionOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Sessions";

    /// <summary>The maximum of requests in flight to an agent that names none. The default is 1,024.</summary>
    [Range(1, 65_536)]
    public int DefaultMaxInFlight { get; set; } = 1024;

    /// <summary>The maximum that an agent may ask for; more is lowered to this. The default is 65,536.</summary>
    [Range(1, 65_536)]
    public int MaxInFlightLimit { get; set; } = 65_536;

    /// <summary>
    /// The maximum of bytes of requests that wait to be written to one session, in addition to the first. The default is 32 MiB: one agent
    /// that does not read takes a sixteenth of what the process may hold (<c>Admission:MaxBytesHeld</c>).
    /// </summary>
    [Range(1, 1_073_741_824)]
    public int MaxQueuedBytes { get; set; } = 33_554_432;

    /// <summary>
    /// The time without a message after which a heartbeat is sent. The default is 10 s. At most 12 s: an agent treats 2.5 of these without
    /// a message as a lost connection, which must be found within 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:12")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The maximum time of one write to an agent, after which the session ends. The default is 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:28")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often an agent is sent the list of its requests in flight, so that a request that only one side knows ends. The default is 60 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The time after which a kicked agent may reconnect. The default is 5 s, in which its absence can be seen.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan KickedReconnectAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum number of sessions of this process. The default is 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>
    /// Whether a response must name the session that the request was sent to (<c>session-id</c>). The default is true: a request id is no
    /// secret, and any agent that has one could respond in the agent's place.
    /// </summary>
    public bool RequireSession { get; set; } = true;

    /// <summary>The maximum number of labels of an agent. The default is 64.</summary>
    [Range(0, 1024)]
    public int MaxLabels { get; set; } = 64;

    /// <summary>
    /// The maximum length of an agent's labels, keys and values together as UTF-8, in bytes. The default is 8,192: the index keeps them for
    /// every agent that it knows.
    /// </summary>
    [Range(0, 1_048_576)]
    public int MaxLabelBytes { get; set; } = 8192;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // A peer that stopped reading is found by the next heartbeat that cannot be written, which is checked once a second.
        var found = HeartbeatInterval + WriteTimeout + TimeSpan.FromSeconds(1);
        if (found > TimeSpan.FromSeconds(30))
        {
            yield return new ValidationResult(
                $"HeartbeatInterval {HeartbeatInterval} and WriteTimeout {WriteTimeout} together must be at most 29 s, so that a dead "
                + "connection is found within 30 s.");
        }
    }
}
