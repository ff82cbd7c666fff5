namespace Switchboard.Client.Serving;

/// <summary>
/// Says when a subscription counts as dead: no welcome in time, no message for 2.5 heartbeat intervals, or still open long after it was
/// told to end. Times are since a fixed origin and never go back.
/// </summary>
internal sealed class HeartbeatWatch(TimeSpan welcomeWithin, TimeSpan now)
{
    private static readonly TimeSpan _longestInterval = TimeSpan.FromMinutes(10);

    private TimeSpan _silentAt = now + welcomeWithin;
    private TimeSpan _endsAt = TimeSpan.MaxValue;
    private TimeSpan? _allowance;

    /// <summary>The welcome came and named the interval; zero or less names none, and silence is then not looked at.</summary>
    public void Welcomed(TimeSpan interval, TimeSpan now)
    {
        _allowance = interval <= TimeSpan.Zero ? TimeSpan.MaxValue : (interval < _longestInterval ? interval : _longestInterval) * 2.5;
        Heard(now);
    }

    /// <summary>A message came, of whatever kind.</summary>
    public void Heard(TimeSpan now)
    {
        if (_allowance is { } allowance)
        {
            _silentAt = allowance == TimeSpan.MaxValue ? TimeSpan.MaxValue : now + allowance;
        }
    }

    /// <summary>
    /// The gateway said that it ends the subscription; heartbeats keep it alive no longer than this. The earliest word counts.
    /// </summary>
    public void EndsWithin(TimeSpan limit, TimeSpan now)
    {
        var end = now + limit;
        _endsAt = end < _endsAt ? end : _endsAt;
    }

    /// <summary>How long the subscription may still live if nothing more comes: zero or less when it is dead, null for ever.</summary>
    public TimeSpan? Remaining(TimeSpan now)
    {
        var end = _silentAt < _endsAt ? _silentAt : _endsAt;
        return end == TimeSpan.MaxValue ? null : end - now;
    }
}
