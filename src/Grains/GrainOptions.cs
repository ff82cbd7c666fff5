namespace Switchboard.Grains;

/// <summary>
/// The limits and times of the grains. To add one: a property with its default here, its bound in <see cref="GrainOptionsValidator"/>,
/// a line in the root appsettings.json.
/// </summary>
public sealed class GrainOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Grains";

    /// <summary>Tasks that may wait in one queue; past it callers get <c>overloaded</c>. Default 10,000.</summary>
    public int QueueCapacity { get; set; } = 10_000;

    /// <summary>Bytes of payload that may wait in one queue; past it callers get <c>overloaded</c>. Default 256 MiB.</summary>
    public long QueueCapacityBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How long a queue that stops waits for the task that is being applied. Default 2 s.</summary>
    public TimeSpan QueueStopTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Agents that one shard of the index remembers; past it the longest-gone offline one is forgotten. Default 100,000.</summary>
    public int IndexCapacity { get; set; } = 100_000;

    /// <summary>
    /// Bytes that the agents of one shard of the index may take; past it the longest-gone offline one is forgotten. Default 256 MiB.
    /// </summary>
    public long IndexCapacityBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>After what time away an agent is forgotten by the index. Default 7 days.</summary>
    public TimeSpan IndexForgetAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Sessions of one agent that are known at a time; all but one of them drain. Default 16.</summary>
    public int SessionsPerAgent { get; set; } = 16;

    /// <summary>Sessions of a pool at a time; another one is refused. Default 64.</summary>
    public int SessionsPerPool { get; set; } = 64;

    /// <summary>
    /// How many times in a row, after a quiet time, sessions of one agent may displace one another at once. Default 2,000: far more
    /// than any agent that reconnects, and reached within seconds by two processes that use one id and come back at once.
    /// </summary>
    public int DisplacementBurst { get; set; } = 2000;

    /// <summary>After what time another displacement may follow. Default 1 s, at most 30 s.</summary>
    public TimeSpan DisplacementInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a front-door number lasts without a renewal. Default 20 s: three renewals may fail.</summary>
    public TimeSpan RegistryLease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a fresh activation of an agent's grain asks the front doors what they hold, all together. Default and most: 1 s.
    /// </summary>
    public TimeSpan ActivationInquiry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a call to a front door's lane may take. Default 2 s.</summary>
    public TimeSpan LaneCallTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an attempt at a durable request may take to the first message of its answer. Default 30 s.</summary>
    public TimeSpan DurableFirstMessage { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time to live of a durable request. Default 7 days.</summary>
    public TimeSpan DurableMaxTimeToLive { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long an ended durable request and its answer are kept beyond its time to live. Default 1 h.</summary>
    public TimeSpan DurableRetention { get; set; } = TimeSpan.FromHours(1);
}
