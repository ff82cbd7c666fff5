namespace Switchboard.Client.Serving;

/// <summary>Runs a <see cref="HeartbeatWatch"/> against a clock and cancels a token when the subscription counts as lost.</summary>
internal sealed class HeartbeatTimer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly HeartbeatWatch _watch;
    private readonly ITimer _timer;
    private bool _stopped;

    // Never disposed: the timer's callback may be about to cancel it while the session ends for another reason, and without a
    // timer or a link of its own it holds nothing that needs it.
    private readonly CancellationTokenSource _expired = new();

    public HeartbeatTimer(TimeProvider time, TimeSpan welcomeTimeout)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _watch = new HeartbeatWatch(welcomeTimeout, TimeSpan.Zero);
        _timer = time.CreateTimer(static self => ((HeartbeatTimer)self!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Check();
    }

    /// <summary>Gets the token that is cancelled when the subscription counts as lost.</summary>
    public CancellationToken Expired => _expired.Token;

    public void WelcomeReceived(TimeSpan interval) => Update((watch, now) => watch.WelcomeReceived(interval, now));

    public void EndWithin(TimeSpan limit) => Update((watch, now) => watch.EndWithin(limit, now));

    /// <summary>
    /// Records a message. The timer takes it into account when it fires, which is cheaper than a change for every message.
    /// </summary>
    public void MessageReceived()
    {
        lock (_gate)
        {
            _watch.MessageReceived(Now());
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        _timer.Dispose();
    }

    private TimeSpan Now() => _time.GetElapsedTime(_origin);

    private void Update(Action<HeartbeatWatch, TimeSpan> update)
    {
        lock (_gate)
        {
            update(_watch, Now());
        }

        Check();
    }

    private void Check()
    {
        lock (_gate)
        {
            if (_stopped)
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

            _stopped = true;
        }

        _expired.Cancel();
    }
}
