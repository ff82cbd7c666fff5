namespace Switchboard.Grains;

/// <summary>
/// Provides a clock that starts with the wall clock's time and goes on by the monotonic clock: whatever is done to the wall clock, it never
/// goes back and never jumps.
/// </summary>
/// <remarks>
/// Used by Orleans' collector of activations (<c>TimeProviderNames.ActivationManagement</c>). It refuses to schedule an activation for a
/// time that it has passed, so that a wall clock that was set back 20 minutes kept every new activation from being created for 20 minutes,
/// while every other kind of call went on.
/// </remarks>
internal sealed class SteadyClock(TimeProvider time) : TimeProvider
{
    private readonly long _start = time.GetTimestamp();
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _startedAt + time.GetElapsedTime(_start);

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);

    /// <summary>
    /// Returns the argument of <c>DelayDeactivation</c> with which a grain stays for a time: Orleans adds it to the grains' clock, which is
    /// the wall clock, and its collector compares the sum with this one.
    /// </summary>
    /// <param name="length">The time.</param>
    /// <param name="wall">The grains' clock now.</param>
    /// <returns>More than zero: zero would mean that it need not stay.</returns>
    public TimeSpan StayFor(TimeSpan length, DateTimeOffset wall)
    {
        var passed = GetUtcNow() - wall + length;
        return passed > TimeSpan.Zero ? passed : TimeSpan.FromTicks(1);
    }
}
