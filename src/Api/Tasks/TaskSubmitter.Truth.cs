using Switchboard.Abstractions.Tasks;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Tasks;

/// <content>What is said of a task whose caller was woken by something else than its outcome.</content>
public sealed partial class TaskSubmitter
{
    // Only the queue knows: what it can take back was not applied (seeds A3); what has begun ends nobody knows how; what it does not
    // know has ended, and its outcome is on its way.
    private async ValueTask<TaskResult> FindTruthAsync(ITaskQueueGrain queue, RequestId id, TaskWaiter waiter, WakeReason reason)
    {
        var withdrawn = await WithdrawAsync(queue, id);
        if (withdrawn == TaskWithdrawResult.Withdrawn)
        {
            return NotApplied(id, reason);
        }

        if (withdrawn == TaskWithdrawResult.Unknown && await waiter.WaitForOutcomeAsync(LastWord, _time) is { } outcome)
        {
            return FromOutcome(id, outcome);
        }

        bool? begun = withdrawn == TaskWithdrawResult.Begun ? true : null;
        return reason == WakeReason.CallerGone
            ? new TaskResult(id, Verdict.CallerCancelled, begun, default, "")
            : new TaskResult(id, Verdict.TaskOutcomeUnknown, true, default, "");
    }

    // Null: the queue did not say. The wait is ours, because the caller's time is up; the call itself ends by its own bound.
    private async Task<TaskWithdrawResult?> WithdrawAsync(ITaskQueueGrain queue, RequestId id)
    {
        try
        {
            return await queue.Withdraw(id.Value).WaitAsync(LastWord, _time);
        }
        catch (Exception e)
        {
            LogWithdrawFailed(_log, e, id);
            return null;
        }
    }

    private static TaskResult NotApplied(RequestId id, WakeReason reason) => reason switch
    {
        WakeReason.CallerGone => Refused(id, Verdict.CallerCancelled, ""),
        WakeReason.Stopping => Refused(id, Verdict.Draining, ""),
        WakeReason.SubmitFailed => Refused(id, Verdict.Internal, ""),
        _ => Refused(id, Verdict.ExpiredUnsent, "Its turn did not come in time; it was not applied."),
    };

    private static TaskResult FromOutcome(RequestId id, TaskOutcome outcome) => outcome.Verdict switch
    {
        Verdict.Answered => new TaskResult(id, Verdict.Answered, true, outcome.Result, ""),
        Verdict.ExpiredUnsent => NotApplied(id, WakeReason.Deadline),
        Verdict.ApplierFailed or Verdict.TaskOutcomeUnknown => new TaskResult(id, outcome.Verdict, true, default, ""),
        _ => Refused(id, outcome.Verdict, ""),
    };

    private static TaskResult FromRefusal(RequestId id, TaskSubmitResult refusal) => refusal switch
    {
        TaskSubmitResult.Full => Refused(id, Verdict.Overloaded, "The queue is full."),
        TaskSubmitResult.Stopping => Refused(id, Verdict.Draining, "The queue is stopping."),
        _ => Refused(id, Verdict.Internal, ""),
    };

    private static TaskResult Refused(RequestId id, Verdict verdict, string detail) => new(id, verdict, false, default, detail);
}
