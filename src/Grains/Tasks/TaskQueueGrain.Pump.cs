using Switchboard.Abstractions.Tasks;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Tasks;

/// <summary>
/// Implements the pump: a task of its own on the grain's scheduler, started by a submission, which ends when nothing waits. It is no grain
/// call, because an applier may take longer than the maximum of a grain call; its work is still done in the grain's turns, one for each
/// task, and submissions run in between.
/// </summary>
internal sealed partial class TaskQueueGrain : IDisposable
{
    private static readonly TimeSpan _longApply = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _pump = Task.CompletedTask;

    /// <summary>Called by the runtime after the deactivation.</summary>
    public void Dispose() => _stopping.Dispose();

    private void StartPump()
    {
        // The pump checks for the next task and ends, if there is none, without an await in between. So a submission finds it either about
        // to check, or completed.
        if (!_pump.IsCompleted)
        {
            return;
        }

        // The pump outlives the call that starts it: it must not carry that call's request context and trace to other callers' tasks.
        using (ExecutionContext.SuppressFlow())
        {
            _pump = PumpAsync();
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            do
            {
                // Ends the turn: the submission's own, so that it gets its reply before its task begins, or the last task's.
                await Task.Yield();
            }
            while (await ApplyNextAsync());
        }
        catch (Exception e)
        {
            // No exception of an applier gets here. One that does is a defect, and this queue must not go on accepting tasks that are never
            // applied (A9): the waiting tasks end with an outcome, and the next submission gets a fresh activation.
            Log.PumpDied(_logger, e, Key);
            GiveUpApplying();
            EndWaiting();
            DeactivateOnIdle();
        }
    }

    // False: nothing waits.
    private async ValueTask<bool> ApplyNextAsync()
    {
        var begun = _queue.Next(_clock.Now);
        CountWaiting();
        foreach (var expired in begun.Expired)
        {
            Post(expired.Payload, Verdict.ExpiredUnsent);
        }

        if (begun.Task is not { Payload: var task })
        {
            return false;
        }

        var (verdict, result) = await ApplyAsync(task);

        // False: the queue had to stop without waiting for the end, and has reported the outcome as unknown.
        if (_queue.Complete(task.TaskId))
        {
            Post(task, verdict, result);
        }

        return true;
    }

    private async ValueTask<(Verdict Verdict, ReadOnlyMemory<byte> Result)> ApplyAsync(TaskSubmission task)
    {
        try
        {
            var applying = _applier!.ApplyAsync(task.Kind, task.Payload, _stopping.Token);

            // Only calls count as activity for the collection of idle grains, and this is none.
            if (!applying.IsCompleted)
            {
                DelayDeactivation(_longApply);
            }

            return (Verdict.Answered, await applying);
        }
        catch (Exception e)
        {
            Log.TaskFailed(_logger, e, Key, new Core.Ids.RequestId(task.TaskId), task.Kind);
            return (Verdict.ApplierFailed, default);
        }
    }

    private async Task StopPumpAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _clock.Bound(_pump, _options.QueueStopTimeout);
        }
        catch (TimeoutException) when (_queue.Owed is not null)
        {
            GiveUpApplying();
        }
    }

    private void GiveUpApplying()
    {
        if (_queue.GiveUp() is { } task)
        {
            Post(task, Verdict.TaskOutcomeUnknown);
        }
    }
}
