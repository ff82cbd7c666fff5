using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Requests;

namespace Switchboard.Abstractions.Tasks;

/// <summary>Represents a task for a queue.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.TaskSubmission)]
public sealed record TaskSubmission
{
    /// <summary>The task's id, from the same generator as request ids.</summary>
    [Id(0)]
    public required ulong TaskId { get; init; }

    /// <summary>The kind of the task, as the queue's applier names it.</summary>
    [Id(1)]
    public required string Kind { get; init; }

    /// <summary>The applier's input.</summary>
    [Id(2)]
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The time left of the one deadline, which counts from arrival. A task that expires before its turn is not applied.</summary>
    [Id(3)]
    public required TimeSpan TimeLeft { get; init; }

    /// <summary>The observer that receives the outcome.</summary>
    [Id(4)]
    public required IFrontDoorObserver Observer { get; init; }
}

/// <summary>Specifies the outcome of submitting a task.</summary>
[GenerateSerializer]
public enum TaskSubmitResult
{
    /// <summary>It has a position; its outcome goes to the observer, which may receive it before the caller receives this reply.</summary>
    Queued = 0,

    /// <summary>The queue is full; nothing was kept.</summary>
    Full = 1,

    /// <summary>The id is in the queue already.</summary>
    DuplicateId = 2,

    /// <summary>The queue is stopping.</summary>
    Stopping = 3,
}

/// <summary>Represents the reply to a submission.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.TaskSubmitted)]
public sealed record TaskSubmitted
{
    /// <summary>The outcome.</summary>
    [Id(0)]
    public required TaskSubmitResult Result { get; init; }

    /// <summary>
    /// The position, counted from 1 for the queue's first task; 0 if it has none: it was refused, or had expired on arrival (<see
    /// cref="TaskSubmitResult.Queued"/> then, and the observer receives <see cref="Verdict.ExpiredUnsent"/>).
    /// </summary>
    [Id(1)]
    public long Position { get; init; }
}

/// <summary>Specifies the outcome of withdrawing a task.</summary>
[GenerateSerializer]
public enum TaskWithdrawResult
{
    /// <summary>It was waiting, and will not be applied.</summary>
    Withdrawn = 0,

    /// <summary>It is being applied: its outcome is unknown to a caller that stops waiting now.</summary>
    Begun = 1,

    /// <summary>It is not in the queue: completed (its outcome has been sent) or never queued.</summary>
    Unknown = 2,
}

/// <summary>Describes how a task ended.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.TaskOutcome)]
public sealed record TaskOutcome
{
    /// <summary>The task's id.</summary>
    [Id(0)]
    public required ulong TaskId { get; init; }

    /// <summary>
    /// <see cref="Verdict.Answered"/>, <see cref="Verdict.ExpiredUnsent"/> (not applied), <see cref="Verdict.ApplierFailed"/>,
    /// <see cref="Verdict.Draining"/> (not applied) or <see cref="Verdict.TaskOutcomeUnknown"/> (still being applied when the queue
    /// had to stop).
    /// </summary>
    [Id(1)]
    public required Verdict Verdict { get; init; }

    /// <summary>The applier's result, if it was applied.</summary>
    [Id(2)]
    public ReadOnlyMemory<byte> Result { get; init; }
}

/// <summary>Describes the state of a queue.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.TaskQueueState)]
public sealed record TaskQueueState
{
    /// <summary>Tasks that wait.</summary>
    [Id(0)]
    public required int Waiting { get; init; }

    /// <summary>The maximum number of tasks that may wait.</summary>
    [Id(1)]
    public required int Capacity { get; init; }

    /// <summary>Tasks applied since the activation began.</summary>
    [Id(2)]
    public required long Applied { get; init; }

    /// <summary>Whether a task is being applied.</summary>
    [Id(3)]
    public required bool Busy { get; init; }
}
