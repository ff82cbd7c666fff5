using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Requests;

namespace Switchboard.Abstractions.Tasks;

/// <summary>A task for a queue.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.TaskSubmission)]
public sealed record TaskSubmission
{
    /// <summary>The task's id, from the same generator as request ids.</summary>
    [Id(0)]
    public required ulong TaskId { get; init; }

    /// <summary>What is to be done, as the queue's applier names it.</summary>
    [Id(1)]
    public required string Kind { get; init; }

    /// <summary>The applier's input.</summary>
    [Id(2)]
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>What is left of the one deadline, counted from arrival. A task whose time is up before its turn is not applied.</summary>
    [Id(3)]
    public required TimeSpan TimeLeft { get; init; }

    /// <summary>Whom to tell the outcome.</summary>
    [Id(4)]
    public required IFrontDoorLane Lane { get; init; }
}

/// <summary>What became of submitting a task.</summary>
[GenerateSerializer]
public enum TaskSubmitResult
{
    /// <summary>It has a position; its outcome goes to the lane. It may get there before this answer does.</summary>
    Queued = 0,

    /// <summary>The queue is full; nothing was kept.</summary>
    Full = 1,

    /// <summary>The id is in the queue already.</summary>
    DuplicateId = 2,

    /// <summary>The queue is stopping.</summary>
    Stopping = 3,
}

/// <summary>The answer to a submission.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.TaskSubmitted)]
public sealed record TaskSubmitted
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required TaskSubmitResult Result { get; init; }

    /// <summary>
    /// The position, counted from 1 for the queue's first task; 0 where it has none: it was refused, or its time was up when it came
    /// (<see cref="TaskSubmitResult.Queued"/> then, and the lane hears <see cref="Verdict.ExpiredUnsent"/>).
    /// </summary>
    [Id(1)]
    public long Position { get; init; }
}

/// <summary>What became of withdrawing a task.</summary>
[GenerateSerializer]
public enum TaskWithdrawResult
{
    /// <summary>It was waiting, and will not be applied.</summary>
    Withdrawn = 0,

    /// <summary>It is being applied: its outcome is unknown to whoever stops waiting now.</summary>
    Begun = 1,

    /// <summary>It is not there: done (its outcome has been sent) or never queued.</summary>
    Unknown = 2,
}

/// <summary>How a task ended.</summary>
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

    /// <summary>The applier's result, where it was applied.</summary>
    [Id(2)]
    public ReadOnlyMemory<byte> Result { get; init; }
}

/// <summary>What a queue knows of itself.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.TaskQueueState)]
public sealed record TaskQueueState
{
    /// <summary>Tasks that wait.</summary>
    [Id(0)]
    public required int Waiting { get; init; }

    /// <summary>The most that may wait.</summary>
    [Id(1)]
    public required int Capacity { get; init; }

    /// <summary>Tasks applied since the activation began.</summary>
    [Id(2)]
    public required long Applied { get; init; }

    /// <summary>Is a task being applied?</summary>
    [Id(3)]
    public required bool Busy { get; init; }
}
