namespace Grpc.Framing;

/// <summary>The fast path of what has completed already.</summary>
internal static class ValueTaskExtensions
{
    /// <summary>The result of a task that is known to have completed; never waits.</summary>
    public static T Completed<T>(this in ValueTask<T> task)
    {
        if (!task.IsCompleted)
            throw new InvalidOperationException("The task has not completed.");
#pragma warning disable VSTHRD002 // It has completed.
        return task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }
}
