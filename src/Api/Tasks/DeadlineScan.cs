using Switchboard.Core.Requests;
using Switchboard.Core.Tasks;

namespace Switchboard.Api.Tasks;

/// <summary>
/// Wakes the waiters whose time is up, or whose caller has gone. One timer for all of them, which runs only while somebody waits:
/// a timer for each would live on after its request (seeds A12), or cost more than the request itself.
/// </summary>
internal sealed class DeadlineScan : IDisposable
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(1);

    private readonly PendingReplies<TaskWaiter> _pending;
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _period;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenRegistration _stopping;
    private readonly ITimer _timer;
    private int _armed;

    /// <summary>Makes the timer; it does not run yet.</summary>
    /// <param name="pending">The waiters.</param>
    /// <param name="timeout">How long one may wait since its arrival.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Fires when everybody is to be woken.</param>
    public DeadlineScan(PendingReplies<TaskWaiter> pending, TimeSpan timeout, TimeProvider time, CancellationToken stop)
    {
        _pending = pending;
        _timeout = timeout;
        _time = time;
        _stop = stop;
        var hundredth = timeout / 100;
        _period = hundredth > LongestPeriod ? LongestPeriod : hundredth < ShortestPeriod ? ShortestPeriod : hundredth;
        _timer = time.CreateTimer(
            static state => ((DeadlineScan)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _stopping = stop.UnsafeRegister(static state => ((DeadlineScan)state!).Scan(), this);
    }

    /// <summary>Somebody waits: the timer runs from now on. Called after the waiter was registered.</summary>
    public void Arm()
    {
        if (Volatile.Read(ref _armed) == 0 && Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stopping.Dispose();
        _timer.Dispose();
    }

    private void Tick()
    {
        Scan();
        if (_pending.Count > 0)
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
            return;
        }

        // Disarmed first and then looked again: a waiter that registers in between either sees 0 and arms, or is seen here.
        Interlocked.Exchange(ref _armed, 0);
        if (_pending.Count > 0)
        {
            Arm();
        }
    }

    private void Scan()
    {
        var now = _time.GetTimestamp();
        var stopping = _stop.IsCancellationRequested;
        foreach (var waiter in _pending.Snapshot())
        {
            if (_time.GetElapsedTime(waiter.Arrived, now) >= _timeout)
            {
                waiter.Wake(TaskWake.Deadline);
            }
            else if (waiter.CallerGone.IsCancellationRequested)
            {
                waiter.Wake(TaskWake.CallerGone);
            }
            else if (stopping)
            {
                waiter.Wake(TaskWake.Stopping);
            }
        }
    }
}
