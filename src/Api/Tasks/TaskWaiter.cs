using Switchboard.Abstractions.Tasks;

namespace Switchboard.Api.Tasks;

/// <summary>Why a task's caller was woken.</summary>
internal enum WakeReason
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

/// <summary>
/// What a front door keeps for a task that somebody waits for. Woken once; the outcome is kept also when it comes after the waking.
/// </summary>
/// <remarks>
/// Continuations run on the pool (seeds N8): the lane that brings an outcome would otherwise run the caller's code, and the next
/// outcomes would wait for it.
/// </remarks>
internal sealed class TaskWaiter(long arrived, CancellationToken callerGone)
{
    private readonly TaskCompletionSource<WakeReason> _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TaskCompletionSource? _second;
    private TaskOutcome? _outcome;

    /// <summary>Timestamp of the request's arrival.</summary>
    public long Arrived { get; } = arrived;

    /// <summary>Fires when nobody waits any more.</summary>
    public CancellationToken CallerGone { get; } = callerGone;

    /// <summary>Ends when the caller is woken.</summary>
    public Task<WakeReason> Woken => _woken.Task;

    /// <summary>The outcome, once there is one.</summary>
    public TaskOutcome? Outcome
    {
        get
        {
            lock (_gate)
            {
                return _outcome;
            }
        }
    }

    /// <summary>What the queue said when it refused the task.</summary>
    public TaskSubmitResult Refusal { get; private set; }

    /// <summary>Why submitting failed.</summary>
    public Exception? Failure { get; private set; }

    public void Wake(WakeReason reason) => _woken.TrySetResult(reason);

    public void Complete(TaskOutcome outcome)
    {
        TaskCompletionSource? second;
        lock (_gate)
        {
            _outcome = outcome;
            second = _second;
        }

        _woken.TrySetResult(WakeReason.Outcome);
        second?.TrySetResult();
    }

    public void Refuse(TaskSubmitResult refusal)
    {
        Refusal = refusal;
        _woken.TrySetResult(WakeReason.Refused);
    }

    public void Fail(Exception failure)
    {
        Failure = failure;
        _woken.TrySetResult(WakeReason.SubmitFailed);
    }

    /// <summary>Waits a little longer for the outcome, after the waking; null: it has not come.</summary>
    public async Task<TaskOutcome?> WaitForOutcomeAsync(TimeSpan bound, TimeProvider time)
    {
        Task second;
        lock (_gate)
        {
            // Complete sets the outcome under this lock and then looks for the second source: one of the two sees the other.
            if (_outcome is not null)
            {
                return _outcome;
            }

            _second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            second = _second.Task;
        }

        await second.WaitAsync(bound, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Outcome;
    }
}
