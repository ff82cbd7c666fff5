namespace Switchboard.Compat.Tests.Orleans.Simulation;

/// <summary>
/// In place of the thread pool: every queue that has a turn to run waits in a list, and the seed picks which goes next. One thread, one
/// turn at a time, so that a seed is a run.
/// </summary>
internal sealed class SeededScheduler(int seed) : ITurnScheduler
{
    private readonly List<TurnQueue> _ready = [];
    private readonly Random _random = new(seed);

    public void Schedule(TurnQueue queue) => _ready.Add(queue);

    /// <summary>Runs turns until none is left.</summary>
    public void RunAll()
    {
        while (_ready.Count > 0)
        {
            var picked = _random.Next(_ready.Count);
            var queue = _ready[picked];
            _ready.RemoveAt(picked);
            queue.Run(1);
        }
    }
}
