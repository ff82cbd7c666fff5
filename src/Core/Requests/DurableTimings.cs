namespace Switchboard.Core.Requests;

/// <summary>Defines the wait times of a durable request. The defaults are those of the product.</summary>
public sealed record DurableTimings
{
    /// <summary>The wait before the first repetition; the usual cause is an agent that is just reconnecting. 200 ms.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The wait before the second repetition; doubles from there. 1 s.</summary>
    public TimeSpan RetryMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two tries, and how long an attempt must have lasted for the waits to start over. 5 s.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time from an attempt's start to the first message of its response, which the front door that took it enforces. 30 s.
    /// </summary>
    public TimeSpan FirstMessage { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How much later than that the front door is asked for the attempt if it has not reported; how often it is asked while the response
    /// goes on; and after what time it is asked again if it did not reply. 5 s.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}
