namespace Switchboard.Client.Serving;

/// <summary>Runs a <see cref="HeartbeatWatch"/> against a clock and cancels a token once when the subscription is dead.</summary>
internal sealed class SilenceTimer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly HeartbeatWatch _watch;
    private readonly ITimer _timer;
    private bool _done;

    // Never disposed: the timer's callback may be about to cancel it while the session ends for another reason, and without a
    // timer or a link of its own it holds nothing that needs it.
    private readonly CancellationTokenSource _dead = new();

    public SilenceTimer(TimeProvider time, TimeSpan welcomeWithin)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _watch = new HeartbeatWatch(welcomeWithin, TimeSpan.Zero);
        _timer = time.CreateTimer(static self => ((SilenceTimer)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Look();
    }

    /// <summary>Cancelled when the subscription is dead.</summary>
    public CancellationToken Dead => _dead.Token;

    public void Welcomed(TimeSpan interval) => Change((watch, now) => watch.Welcomed(interval, now));

    public void EndsWithin(TimeSpan limit) => Change((watch, now) => watch.EndsWithin(limit, now));

    /// <summary>Only notes the time: the timer finds out when it fires, which is cheaper than setting it for every message.</summary>
    public void Heard()
    {
        lock (_gate)
        {
            _watch.Heard(Now());
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _done = true;
        }

        _timer.Dispose();
    }

    private TimeSpan Now() => _time.GetElapsedTime(_origin);

    private void Change(Action<HeartbeatWatch, TimeSpan> change)
    {
        lock (_gate)
        {
            change(_watch, Now());
        }

        Look();
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_done)
            {
                return;
            }

            var remaining = _watch.Remaining(Now());
            if (remaining is null || remaining > TimeSpan.Zero)
            {
                // Rounded up: a timer that fires a tick early would otherwise be set again for no time at all, over and over.
                var wait = remaining is { } time ? time + TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan;
                _timer.Change(wait, Timeout.InfiniteTimeSpan);
                return;
            }

            _done = true;
        }

        _dead.Cancel();
    }
}
