using Switchboard.Abstractions;
namespace Switchboard.Grains;

/// <summary>
/// Provides options for the limits and times of the grains. To add one: a property with its default here, its bound in <see
/// cref="GrainOptionsValidator"/>, a line in the root appsettings.json.
/// </summary>
public sealed class GrainOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Grains";

    /// <summary>The maximum number of tasks that wait in one queue; beyond it callers get <c>overloaded</c>. Default 10,000.</summary>
    public int QueueCapacity { get; set; } = 10_000;

    /// <summary>The maximum of payload bytes that wait in one queue; beyond it callers get <c>overloaded</c>. Default 256 MiB.</summary>
    public long QueueCapacityBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How long a queue that stops waits for the task that is being applied. Default 2 s.</summary>
    public TimeSpan QueueStopTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The maximum number of agents in one shard of the index; beyond it the offline one that was seen longest ago is removed. Default
    /// 100,000.
    /// </summary>
    public int IndexCapacity { get; set; } = 100_000;

    /// <summary>
    /// The maximum of bytes of the agents in one shard of the index; beyond it the offline one that was seen longest ago is removed.
    /// Default 256 MiB.
    /// </summary>
    public long IndexCapacityBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>The time after which an offline agent is removed from the index. Default 7 days.</summary>
    public TimeSpan IndexForgetAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The maximum number of known sessions of one agent; all but one of them drain. Default 16.</summary>
    public int SessionsPerAgent { get; set; } = 16;

    /// <summary>The maximum number of sessions of a pool; another one is refused. Default 64.</summary>
    public int SessionsPerPool { get; set; } = 64;

    /// <summary>
    /// How many times in a row, after a quiet period, sessions of one agent may displace one another at once. Default 2,000: far more than
    /// any agent that reconnects, and reached within seconds by two processes that use one id and reconnect at once.
    /// </summary>
    public int DisplacementBurst { get; set; } = 2000;

    /// <summary>
    /// The time after which another displacement may follow. Default 1 s, at most 10 s: a front door gives a connect 12 s in all, and one that
    /// had to wait longer for its turn would never be connected.
    /// </summary>
    public TimeSpan DisplacementInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a front-door number lasts without a renewal. Default 20 s: three renewals may fail.</summary>
    public TimeSpan RegistryLease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The time that a fresh activation of an agent's grain waits for the sessions of all front doors together. Default and maximum: 1 s.
    /// </summary>
    public TimeSpan ActivationInquiry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a call to a front door's observer may take. Default 2 s.</summary>
    [FormerName("LaneCallTimeout")]
    public TimeSpan ObserverCallTimeout { get; set; } = TimeSpan.FromSeconds(2);
}
