namespace Switchboard.Grains;

/// <summary>
/// Provides the time as the cores take it: since this clock was created, by the monotonic clock; and its relation to the wall clock.
/// </summary>
internal sealed class GrainClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>The time since the clock was created.</summary>
    public TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>The wall clock, for display and stores.</summary>
    public DateTimeOffset UtcNow => time.GetUtcNow();

    /// <summary>The wall clock in ms since 1970.</summary>
    public long UnixMilliseconds => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Converts a persisted moment to this clock. The wall clock counts only between one activation and the next; within one, a step of it
    /// moves no deadline.
    /// </summary>
    public TimeSpan Of(DateTimeOffset moment) => moment - _startedAt;

    /// <summary>Bounds a wait by this clock's provider; a wait that takes longer throws TimeoutException.</summary>
    public Task<T> Bound<T>(Task<T> task, TimeSpan limit) => task.WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, time);

    /// <summary>Bounds a wait by this clock's provider; a wait that takes longer throws TimeoutException.</summary>
    public Task Bound(Task task, TimeSpan limit) => task.WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, time);

    /// <summary>Waits by this clock's provider.</summary>
    public Task Pause(TimeSpan length) => Task.Delay(length, time);
}
