namespace Switchboard.Core.Requests;

/// <summary>How patient a durable request is. The defaults are those of the product.</summary>
public sealed record DurableTimings
{
    /// <summary>The wait before the first repetition; the usual reason is an agent that is just reconnecting. 200 ms.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The wait before the second repetition; doubles from there. 1 s.</summary>
    public TimeSpan RetryMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest wait between two tries, and how long an attempt must have lasted to start over with the short waits. 5 s.
    /// </summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From an attempt's start to the first message of its answer; the front door that took it keeps this time. 30 s.</summary>
    public TimeSpan FirstMessage { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How much later than that the front door is asked what became of the attempt, should it have said nothing; how often it is
    /// asked while the answer goes on; and after what it is asked again where it did not reply. 5 s.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}
