namespace Switchboard.Core.Tasks;

/// <summary>Represents a task that waits or is being applied.</summary>
/// <typeparam name="T">The type of the applier's input.</typeparam>
public sealed record QueuedTask<T>
{
    /// <summary>Its request's id.</summary>
    public required ulong Id { get; init; }

    /// <summary>Its place in the order of application, from 1.</summary>
    public required long Position { get; init; }

    /// <summary>The applier's input.</summary>
    public required T Payload { get; init; }

    /// <summary>The time from which on it must not be begun, by the monotonic clock that the queue is called with.</summary>
    public required TimeSpan ExpiresAt { get; init; }
}

/// <summary>Specifies a queue's reply to a submission.</summary>
public enum SubmitResult
{
    /// <summary>It has a position and will be begun, expire or be withdrawn.</summary>
    Accepted,

    /// <summary>The capacity is reached: nothing has changed.</summary>
    Full,

    /// <summary>A task of this id waits or is being applied: nothing has changed.</summary>
    Duplicate,

    /// <summary>The queue is stopped.</summary>
    Stopped,

    /// <summary>It had expired on arrival: nothing has changed.</summary>
    ExpiredAlready,
}

/// <summary>Represents the outcome of a submission.</summary>
/// <param name="Result">The queue's reply.</param>
/// <param name="Position">The place in the order, from 1; 0 if it was not accepted.</param>
public readonly record struct SubmitOutcome(SubmitResult Result, long Position);

/// <summary>Represents what there is to do next.</summary>
/// <param name="Task">The task to apply now; null if none waits, or one is being applied.</param>
/// <param name="Expired">The tasks whose turn came after they had expired, in order; they have left the queue and are not applied.</param>
/// <typeparam name="T">The type of the applier's input.</typeparam>
public readonly record struct BeginOutcome<T>(QueuedTask<T>? Task, IReadOnlyList<QueuedTask<T>> Expired);

/// <summary>Specifies the outcome of a withdrawal.</summary>
public enum WithdrawResult
{
    /// <summary>It was waiting and will not be applied.</summary>
    Withdrawn,

    /// <summary>It is being applied: its outcome is unknown to a caller that stops waiting now.</summary>
    Begun,

    /// <summary>It is not in the queue: never submitted, or completed, expired or withdrawn.</summary>
    Unknown,
}
