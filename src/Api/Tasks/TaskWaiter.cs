using Switchboard.Abstractions.Tasks;
using Switchboard.Core.Tasks;

namespace Switchboard.Api.Tasks;

/// <summary>
/// What a front door keeps for a task that somebody waits for. Woken once; the outcome is kept also when it comes after the waking.
/// </summary>
/// <remarks>
/// Continuations run on the pool (seeds N8): the lane that brings an outcome would otherwise run the caller's code, and the next
/// outcomes would wait for it.
/// </remarks>
internal sealed class TaskWaiter(long arrived, CancellationToken callerGone)
    : TaskCompletionSource<TaskWake>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private TaskCompletionSource? _second;
    private TaskOutcome? _outcome;

    /// <summary>Timestamp of the request's arrival.</summary>
    public long Arrived { get; } = arrived;

    /// <summary>Fires when nobody waits any more.</summary>
    public CancellationToken CallerGone { get; } = callerGone;

    /// <summary>The outcome, once there is one.</summary>
    public TaskOutcome? Outcome => Volatile.Read(ref _outcome);

    /// <summary>What the queue said when it refused the task.</summary>
    public TaskSubmitResult Refusal { get; private set; }

    public void Wake(TaskWake reason) => TrySetResult(reason);

    public void Complete(TaskOutcome outcome)
    {
        // First the outcome, then a look for a second waiter, with a full fence between: WaitForOutcomeAsync does the two the other
        // way round, so that one of them sees the other.
        Interlocked.Exchange(ref _outcome, outcome);
        TrySetResult(TaskWake.Outcome);
        Volatile.Read(ref _second)?.TrySetResult();
    }

    public void Refuse(TaskSubmitResult refusal)
    {
        Refusal = refusal;
        TrySetResult(TaskWake.Refused);
    }

    /// <summary>Waits a little longer for the outcome, after the waking; null: it has not come.</summary>
    public async Task<TaskOutcome?> WaitForOutcomeAsync(TimeSpan bound, TimeProvider time)
    {
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _second, second);
        if (Outcome is null)
        {
            await second.Task.WaitAsync(bound, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return Outcome;
    }
}
