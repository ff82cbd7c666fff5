namespace Switchboard.TestSupport;

/// <summary>For what the other side of a connection does in its own time, and tells nobody.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    public static async Task<T> IsThereAsync<T>(Func<Task<T?>> look, string what)
        where T : class
    {
        T? found = null;
        await IsTrueAsync(async () => (found = await look().DefaultTimeout()) is not null, () => $"not there: {what}");
        return found!;
    }

    public static Task IsTrueAsync(Func<bool> condition, Func<string> what, TimeSpan? within = null) =>
        IsTrueAsync(() => Task.FromResult(condition()), what, within);

    public static async Task IsTrueAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? within = null)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (!await condition())
        {
            Assert.True(time.GetElapsedTime(start) < (within ?? TestTimeouts.Default), what());
            await Task.Delay(_pause, time);
        }
    }
}
