using Switchboard.Abstractions.Tasks;
using Switchboard.Api.Time;
using Switchboard.Core.Tasks;

namespace Switchboard.Api.Tasks;

/// <summary>Represents a front door's wait for a task. Woken once; the outcome is kept even if it arrives after the waking.</summary>
/// <remarks>
/// Continuations run on the thread pool (seeds N8): the observer that delivers an outcome would otherwise run the caller's code, and the
/// next outcomes would wait for it.
/// </remarks>
internal sealed class TaskWaiter : TimerWheelEntry
{
    private readonly TaskCompletionSource<TaskWake> _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _second;
    private TaskOutcome? _outcome;

    /// <summary>Gets a task that completes when the waiter is woken.</summary>
    public Task<TaskWake> Woken => _woken.Task;

    /// <summary>Gets the outcome; null: it has not come.</summary>
    public TaskOutcome? Outcome => Volatile.Read(ref _outcome);

    /// <summary>Gets why the queue refused the task.</summary>
    public TaskSubmitResult Refusal { get; private set; }

    /// <summary>Wakes it, unless it was woken.</summary>
    public void Wake(TaskWake reason) => _woken.TrySetResult(reason);

    /// <summary>Keeps the outcome, and wakes its waiter.</summary>
    public void Complete(TaskOutcome outcome)
    {
        // First the outcome, then a check for a second waiter, with a full fence between: WaitForOutcomeAsync does the two in the opposite
        // order, so that one of them sees the other.
        Interlocked.Exchange(ref _outcome, outcome);
        Wake(TaskWake.Outcome);
        Volatile.Read(ref _second)?.TrySetResult();
    }

    /// <summary>Wakes it with the queue's refusal.</summary>
    public void Refuse(TaskSubmitResult refusal)
    {
        Refusal = refusal;
        Wake(TaskWake.Refused);
    }

    /// <summary>Waits a little longer for the outcome, after the waking; null if it has not come.</summary>
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

    /// <inheritdoc />
    protected internal override TimeSpan? OnDue(TimeSpan now)
    {
        Wake(TaskWake.Deadline);
        return null;
    }
}
