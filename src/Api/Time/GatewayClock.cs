namespace Switchboard.Api.Time;

/// <summary>
/// Provides the engine's clock: time since the process began, by <see cref="TimeProvider"/>'s monotonic time stamps. The cores take it as
/// their <c>now</c>; a wall clock that is set back changes no deadline.
/// </summary>
internal sealed class GatewayClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();
    private readonly DateTimeOffset _start = time.GetUtcNow();

    public TimeProvider Time { get; } = time;

    public TimeSpan Now => Time.GetElapsedTime(_origin);

    public DateTimeOffset WallNow => _start + Now;

    /// <summary>Returns when a time stamp was taken.</summary>
    public TimeSpan At(long timestamp) => Time.GetElapsedTime(_origin, timestamp);

    /// <summary>Converts a time of this clock to the wall clock.</summary>
    public DateTimeOffset ToWall(TimeSpan at) => _start + at;

    public DateTimeOffset? ToWall(TimeSpan? at) => at is { } known ? _start + known : null;
}
