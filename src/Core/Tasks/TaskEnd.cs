using Switchboard.Core.Requests;

namespace Switchboard.Core.Tasks;

/// <summary>Why a task's caller was woken.</summary>
public enum TaskWake
{
    /// <summary>Its outcome has come.</summary>
    Outcome,

    /// <summary>The queue refused the task.</summary>
    Refused,

    /// <summary>Submitting it failed: the queue may have it or not.</summary>
    SubmitFailed,

    /// <summary>The deadline.</summary>
    Deadline,

    /// <summary>Whoever asked has gone.</summary>
    CallerGone,

    /// <summary>The drain time is over.</summary>
    Stopping,
}

/// <summary>What is said of a task at its end.</summary>
/// <param name="Verdict">The one verdict.</param>
/// <param name="Begun">Had it begun to be applied? Null: nobody knows.</param>
public readonly record struct TaskEnd(Verdict Verdict, bool? Begun)
{
    /// <summary>
    /// What is said of a task whose caller was woken by something else than its outcome. Only the queue knows: what it can take back was
    /// not applied (seeds A3); what has begun ends nobody knows how; what it does not know has ended, and its outcome is on its way.
    /// </summary>
    /// <param name="why">Why the caller was woken.</param>
    /// <param name="withdrawn">What the queue said when it was asked for the task back; null: it did not say.</param>
    /// <returns>Null: its outcome is on its way and is to be waited for, a little; without one it is <see cref="Lost"/>.</returns>
    public static TaskEnd? Of(TaskWake why, WithdrawResult? withdrawn) => withdrawn switch
    {
        WithdrawResult.Withdrawn => NotApplied(why),
        WithdrawResult.Unknown => null,
        WithdrawResult.Begun => Unknown(why, begun: true),
        _ => Unknown(why, begun: null),
    };

    /// <summary>What is said where the queue does not know the task, and its outcome has not come either.</summary>
    public static TaskEnd Lost(TaskWake why) => Unknown(why, begun: null);

    /// <summary>What a queue's outcome means.</summary>
    public static TaskEnd Of(Verdict outcome) => new(
        outcome, outcome is Verdict.Answered or Verdict.ApplierFailed or Verdict.TaskOutcomeUnknown);

    /// <summary>What a queue's refusal means; null: its id was in use, which is nobody's fault but ours, so that another one is tried (seeds N6).</summary>
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
