namespace Orleans.Runtime;

/// <summary>
/// The one place that decides when and in which order grains, observers, timers and reminders run. The default hands them
/// to the thread pool; a simulation puts its own in its place (by dependency injection), keeps the queues that are
/// ready in a list and calls <see cref="TurnQueue.Run"/> with 1 on whichever its seed picks.
/// </summary>
internal interface ITurnScheduler
{
    /// <summary>
    /// The queue has turns to run. Called once until the scheduler has called <see cref="TurnQueue.Run"/>; then again if some are left.
    /// </summary>
    void Schedule(TurnQueue queue);
}

/// <summary>Runs turns on the thread pool, a batch at a time so that a busy grain does not keep a thread.</summary>
internal sealed class ThreadPoolTurnScheduler : ITurnScheduler
{
    public void Schedule(TurnQueue queue) => ThreadPool.UnsafeQueueUserWorkItem(queue, preferLocal: false);
}
