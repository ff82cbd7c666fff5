using Switchboard.Abstractions.Tasks;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Core.Tasks;

namespace Switchboard.Api.Tasks;

/// <content>Determines the end of a task whose caller was woken by something else than its outcome.</content>
internal sealed partial class TaskSubmitter
{
    private async ValueTask<TaskResult> ResolveAsync(ITaskQueueGrain queue, RequestId id, TaskWaiter waiter, TaskWake reason)
    {
        var withdrawn = await WithdrawAsync(queue, id);
        if (TaskEnd.Of(reason, withdrawn) is { } end)
        {
            return Ended(id, end);
        }

        return await waiter.WaitForOutcomeAsync(_outcomeGrace, _clock.Time) is { } outcome ? FromOutcome(id, outcome) : Ended(id, TaskEnd.Lost(reason));
    }

    // Null: the queue did not reply. The wait is bounded here, because the caller's deadline has passed; the call itself ends by its own
    // bound.
    private async Task<WithdrawResult?> WithdrawAsync(ITaskQueueGrain queue, RequestId id)
    {
        try
        {
            return await queue.Withdraw(id.Value).WaitAsync(_outcomeGrace, _clock.Time) switch
            {
                TaskWithdrawResult.Withdrawn => WithdrawResult.Withdrawn,
                TaskWithdrawResult.Begun => WithdrawResult.Begun,
                _ => WithdrawResult.Unknown,
            };
        }
        catch (Exception e)
        {
            Log.WithdrawFailed(_logger, e, id);
            return null;
        }
    }

    private static TaskResult FromOutcome(RequestId id, TaskOutcome outcome) => Ended(id, TaskEnd.Of(outcome.Verdict), outcome.Result);

    // Null: the id was in use.
    private static TaskResult? FromRefusal(RequestId id, TaskSubmitResult refusal)
    {
        var (result, detail) = refusal switch
        {
            TaskSubmitResult.Full => (SubmitResult.Full, "The queue is full."),
            TaskSubmitResult.Stopping => (SubmitResult.Stopped, "The queue is stopping."),
            _ => (SubmitResult.Duplicate, ""),
        };
        return TaskEnd.Of(result) is { } end ? Refused(id, end.Verdict, detail) : null;
    }

    private static TaskResult Ended(RequestId id, TaskEnd end, ReadOnlyMemory<byte> result = default) => new(
        id, end.Verdict, end.Begun, end.Verdict == Verdict.Answered ? result : default,
        end.Verdict == Verdict.ExpiredUnsent ? "Its turn did not come in time; it was not applied." : "");

    private static TaskResult Refused(RequestId id, Verdict verdict, string detail) => new(id, verdict, false, default, detail);
}
