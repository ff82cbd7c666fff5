using System.Threading.Tasks.Sources;

namespace Switchboard.Api.Time;

/// <summary>Wakes one waiter, repeatedly, and allocates nothing for a wait.</summary>
/// <remarks>
/// Not thread-safe: its owner begins a wait and notes whether one is begun under its lock, and for each wait exactly one side calls <see
/// cref="Set"/>, outside of the lock. A woken waiter runs on the thread pool.
/// </remarks>
internal sealed class AsyncSignal : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>Begins a wait, which <see cref="Set"/> ends. One at a time.</summary>
    /// <returns>True, always: the waiter checks its condition again.</returns>
    public ValueTask<bool> WaitAsync()
    {
        _core.Reset();
        return new ValueTask<bool>(this, _core.Version);
    }

    /// <summary>Ends the wait that is begun.</summary>
    public void Set() => _core.SetResult(true);

    bool IValueTaskSource<bool>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
