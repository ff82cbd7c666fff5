namespace Switchboard.Core.Tasks;

/// <summary>A task that waits or is being applied.</summary>
/// <typeparam name="T">What the applier gets.</typeparam>
public sealed record QueuedTask<T>
{
    /// <summary>Its request's id.</summary>
    public required ulong Id { get; init; }

    /// <summary>Its place in the order of application, from 1.</summary>
    public required long Position { get; init; }

    /// <summary>What the applier gets.</summary>
    public required T Payload { get; init; }

    /// <summary>From when on it must not be begun, by the monotonic clock that the queue is called with.</summary>
    public required TimeSpan ExpiresAt { get; init; }
}

/// <summary>What a queue said to a task.</summary>
public enum SubmitResult
{
    /// <summary>It has a position and will be begun, expire or be withdrawn.</summary>
    Accepted,

    /// <summary>As many wait as may: nothing has changed.</summary>
    Full,

    /// <summary>A task of this id waits or is being applied: nothing has changed.</summary>
    Duplicate,

    /// <summary>The queue takes nothing any more.</summary>
    Stopped,

    /// <summary>Its time was up before it came: nothing has changed.</summary>
    ExpiredAlready,
}

/// <summary>What came of a submission.</summary>
/// <param name="Result">What the queue said.</param>
/// <param name="Position">The place in the order, from 1; 0 where it was not accepted.</param>
public readonly record struct SubmitOutcome(SubmitResult Result, long Position);

/// <summary>What there is to do next.</summary>
/// <param name="Task">The task to apply now; null if none waits, or one is being applied.</param>
/// <param name="Expired">Those whose turn came after their time was up, in order; they have left and are not applied.</param>
/// <typeparam name="T">What the applier gets.</typeparam>
public readonly record struct BeginOutcome<T>(QueuedTask<T>? Task, IReadOnlyList<QueuedTask<T>> Expired);

/// <summary>What came of a withdrawal.</summary>
public enum WithdrawResult
{
    /// <summary>It was waiting and will not be applied.</summary>
    Withdrawn,

    /// <summary>It is being applied: its outcome is unknown to whoever stops waiting now.</summary>
    Begun,

    /// <summary>It is not here: never was, or has been completed, expired or withdrawn.</summary>
    Unknown,
}
