namespace Switchboard.Grains.Tests.Support;

/// <summary>
/// The test's clock as Orleans' reminders read it: a tick later each time. Their service waits in whole milliseconds and then reads the
/// clock again and again until the rest of a millisecond is over too. On a clock that stands still it would do so for ever, on the one
/// scheduler by which it can be stopped.
/// </summary>
internal sealed class ReminderClock(ManualTimeProvider time) : TimeProvider
{
    private readonly Lock _gate = new();
    private DateTimeOffset _last;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            return _last = now > _last ? now : _last.AddTicks(1);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
