using System.Runtime.CompilerServices;

namespace Switchboard.TestSupport;

/// <summary>Bounds for what tests wait for: long enough for two busy cores, and whoever hangs is named.</summary>
internal static class TestTimeouts
{
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    public static async Task DefaultTimeout(
        this Task task,
        [CallerArgumentExpression(nameof(task))] string what = "",
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        try
        {
            await task.WaitAsync(Default, TimeProvider.System);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"{Path.GetFileName(file)}:{line} waited {Default.TotalSeconds} s for: {what}");
        }
    }

    public static async Task<T> DefaultTimeout<T>(
        this Task<T> task,
        [CallerArgumentExpression(nameof(task))] string what = "",
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        await DefaultTimeout((Task)task, what, file, line);
        return await task;
    }

    public static Task DefaultTimeout(
        this ValueTask task,
        [CallerArgumentExpression(nameof(task))] string what = "",
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        DefaultTimeout(task.AsTask(), what, file, line);

    public static Task<T> DefaultTimeout<T>(
        this ValueTask<T> task,
        [CallerArgumentExpression(nameof(task))] string what = "",
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        DefaultTimeout(task.AsTask(), what, file, line);
}
