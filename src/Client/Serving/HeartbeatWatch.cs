namespace Switchboard.Client.Serving;

/// <summary>
/// Computes when a subscription counts as lost: no welcome in time, no message for 2.5 heartbeat intervals, or still open long after a
/// <c>go_away</c>. Times are relative to a fixed origin and never decrease.
/// </summary>
internal sealed class HeartbeatWatch(TimeSpan welcomeTimeout, TimeSpan now)
{
    private static readonly TimeSpan _maxInterval = TimeSpan.FromMinutes(10);

    private TimeSpan _messageDue = now + welcomeTimeout;
    private TimeSpan _endDue = TimeSpan.MaxValue;
    private TimeSpan? _timeout;

    /// <summary>
    /// Records the welcome and the heartbeat interval that it names. Zero or less names none, and messages are then not awaited.
    /// </summary>
    public void WelcomeReceived(TimeSpan interval, TimeSpan now)
    {
        _timeout = interval <= TimeSpan.Zero ? TimeSpan.MaxValue : (interval < _maxInterval ? interval : _maxInterval) * 2.5;
        MessageReceived(now);
    }

    /// <summary>Records a message of any kind.</summary>
    public void MessageReceived(TimeSpan now)
    {
        if (_timeout is { } timeout)
        {
            _messageDue = timeout == TimeSpan.MaxValue ? TimeSpan.MaxValue : now + timeout;
        }
    }

    /// <summary>
    /// Limits the rest of the subscription, which messages do not extend. Of several limits the one that ends first applies.
    /// </summary>
    public void EndWithin(TimeSpan limit, TimeSpan now)
    {
        var end = now + limit;
        _endDue = end < _endDue ? end : _endDue;
    }

    /// <summary>
    /// Returns the time until the subscription counts as lost if no message arrives: zero or less where it does already,
    /// <see langword="null"/> where it never does.
    /// </summary>
    public TimeSpan? Remaining(TimeSpan now)
    {
        var due = _messageDue < _endDue ? _messageDue : _endDue;
        return due == TimeSpan.MaxValue ? null : due - now;
    }
}
