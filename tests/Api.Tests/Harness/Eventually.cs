using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Harness;

/// <summary>For what the other side of a connection does in its own time, and tells nobody.</summary>
internal static class Eventually
{
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
