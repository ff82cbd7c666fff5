using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Harness;

/// <summary>For what the other side of a connection does in its own time, and tells nobody.</summary>
internal static class Eventually
{
    public static async Task<T> IsThereAsync<T>(Func<Task<T?>> look, string what)
        where T : class
    {
        T? found = null;
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while ((found = await look().DefaultTimeout()) is null)
        {
            Assert.True(time.GetElapsedTime(start) < TestTimeouts.Default, $"not there: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), time);
        }

        return found;
    }

    public static async Task IsTrueAsync(Func<bool> condition, Func<string> what)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (!condition())
        {
            Assert.True(time.GetElapsedTime(start) < TestTimeouts.Default, what());
            await Task.Delay(TimeSpan.FromMilliseconds(5), time);
        }
    }
}
