namespace Switchboard.Grains.Tests.Support;

/// <summary>Waits for what happens elsewhere and tells nobody: looks, and looks again. Bounded.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TestTimeouts.Default, $"Waited in vain for: {what}");
            await Task.Delay(_pause, TimeProvider.System);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>Does something again and again until a task has ended, with a pause for others in between.</summary>
    public static async Task UntilAsync(Task task, Func<Task> step)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!task.IsCompleted)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TestTimeouts.Default, "Waited in vain for a task.");
            await step();
            await Task.WhenAny(task, Task.Delay(_pause, TimeProvider.System));
        }

        await task;
    }

    /// <summary>Turns the clock until a task has ended.</summary>
    public static Task AdvanceUntilAsync(ManualTimeProvider time, Task task, TimeSpan step) => UntilAsync(task, () =>
    {
        time.Advance(step);
        return Task.CompletedTask;
    });
}
