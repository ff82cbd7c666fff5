namespace Switchboard.TestSupport.Simulation;

/// <summary>
/// In place of the thread pool: every queue that has a turn to run waits in a list, and the seed picks which goes next. One thread, one
/// turn at a time, so that a seed is a run. Without a seed the queues go in the order in which they became ready.
/// </summary>
internal sealed class SeededScheduler(int? seed) : ITurnScheduler
{
    private readonly List<TurnQueue> _ready = [];
    private readonly Random? _random = seed is { } given ? new Random(given) : null;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private string? _stranger;

    /// <summary>How another thread made a turn ready or set a timer, if one ever did. None must: when that happens no seed decides.</summary>
    public string? Stranger => Volatile.Read(ref _stranger);

    public void Schedule(TurnQueue queue)
    {
        RefuseStrangers();
        lock (_ready)
        {
            _ready.Add(queue);
        }
    }

    /// <summary>Remembers who calls this from another thread than the run's own.</summary>
    public void RefuseStrangers()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Volatile.Write(ref _stranger, Environment.StackTrace);
        }
    }

    /// <summary>Draws a number from 0 to below <paramref name="below"/>; always the last where there is no seed.</summary>
    public int Draw(int below) => _random?.Next(below) ?? below - 1;

    /// <summary>Runs one turn; false if none is ready.</summary>
    public bool RunOne()
    {
        TurnQueue queue;
        lock (_ready)
        {
            if (_ready.Count == 0)
            {
                return false;
            }

            var picked = _random?.Next(_ready.Count) ?? 0;
            queue = _ready[picked];
            _ready.RemoveAt(picked);
        }

        queue.Run(1);
        return true;
    }
}
