using Switchboard.Core.Requests;

namespace Switchboard.Core.Tasks;

/// <summary>Specifies why a task's caller was woken.</summary>
public enum TaskWake
{
    /// <summary>Its outcome has come.</summary>
    Outcome,

    /// <summary>The queue refused the task.</summary>
    Refused,

    /// <summary>Submitting it failed: the queue may have it or not.</summary>
    SubmitFailed,

    /// <summary>The deadline passed.</summary>
    Deadline,

    /// <summary>The caller has gone.</summary>
    CallerGone,

    /// <summary>The drain time has ended.</summary>
    Stopping,
}

/// <summary>Represents what a caller is told of a task's end.</summary>
/// <param name="Verdict">The one verdict.</param>
/// <param name="Begun">Whether it had begun to be applied; null: unknown.</param>
public readonly record struct TaskEnd(Verdict Verdict, bool? Begun)
{
    /// <summary>
    /// Returns the end of a task whose caller was woken by something else than its outcome. It depends on the queue: a task that it can
    /// withdraw was not applied (seeds A3); the end of one that has begun is unknown; one that it does not know has ended, and its outcome
    /// is on its way.
    /// </summary>
    /// <param name="why">Why the caller was woken.</param>
    /// <param name="withdrawn">The queue's reply to the withdrawal; null: it did not reply.</param>
    /// <returns>Null: its outcome is on its way and is to be waited for, briefly; without one it is <see cref="Lost"/>.</returns>
    public static TaskEnd? Of(TaskWake why, WithdrawResult? withdrawn) => withdrawn switch
    {
        WithdrawResult.Withdrawn => NotApplied(why),
        WithdrawResult.Unknown => null,
        WithdrawResult.Begun => Unknown(why, begun: true),
        _ => Unknown(why, begun: null),
    };

    /// <summary>Returns the end of a task that the queue does not know and whose outcome has not come either.</summary>
    public static TaskEnd Lost(TaskWake why) => Unknown(why, begun: null);

    /// <summary>Returns the end that a queue's outcome means.</summary>
    public static TaskEnd Of(Verdict outcome) => new(
        outcome, outcome is Verdict.Answered or Verdict.ApplierFailed or Verdict.TaskOutcomeUnknown);

    /// <summary>
    /// Returns the end that a queue's refusal means; null: its id was in use, which is the gateway's fault, so another one is tried (seeds
    /// N6).
    /// </summary>
    public static TaskEnd? Of(SubmitResult refusal) => refusal switch
    {
        SubmitResult.Duplicate => null,
        SubmitResult.Full => new TaskEnd(Verdict.Overloaded, false),
        SubmitResult.Stopped => new TaskEnd(Verdict.Draining, false),
        _ => new TaskEnd(Verdict.Internal, false),
    };

    private static TaskEnd NotApplied(TaskWake why) => new(
        why switch
        {
            TaskWake.CallerGone => Verdict.CallerCancelled,
            TaskWake.Stopping => Verdict.Draining,
            TaskWake.SubmitFailed => Verdict.Internal,
            _ => Verdict.ExpiredUnsent,
        },
        false);

    private static TaskEnd Unknown(TaskWake why, bool? begun) => why == TaskWake.CallerGone
        ? new TaskEnd(Verdict.CallerCancelled, begun)
        : new TaskEnd(Verdict.TaskOutcomeUnknown, true);
}
