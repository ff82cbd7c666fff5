namespace Orleans.Runtime;

/// <summary>What a <see cref="TurnQueue"/> runs besides tasks.</summary>
internal interface ITurnItem
{
    /// <summary>Runs in the queue's turn. Must not throw.</summary>
    void Run();
}

/// <summary>
/// Runs what belongs to one owner one thing at a time, in the order in which it came. It is the
/// <see cref="TaskScheduler.Current"/> of what it runs, so that whatever the code awaits resumes here too.
/// </summary>
internal sealed class TurnQueue(object owner, ITurnScheduler scheduler) : TaskScheduler, IThreadPoolWorkItem
{
    private const int BatchSize = 64;

    [ThreadStatic]
    private static TurnQueue? _current;

    private readonly Lock _gate = new();
    private readonly Queue<object> _items = new();
    private bool _scheduled;
    private bool _closed;

    /// <summary>The owner of the queue whose turn this thread is in.</summary>
    public static object? CurrentOwner => _current?.Owner;

    public object Owner { get; } = owner;

    /// <summary>InvalidOperationException: this thread is in no turn.</summary>
    public static void ThrowIfOutside()
    {
        if (_current is null)
        {
            throw new InvalidOperationException(
                "Activation access violation. A non-activation thread attempted to access activation services.");
        }
    }

    /// <summary>Whether this thread is in a turn of this queue.</summary>
    public bool IsCurrent => _current == this;

    /// <summary>Takes an item, unless <see cref="Close"/> was called.</summary>
    public bool TryEnqueue(ITurnItem item) => Enqueue(item, evenIfClosed: false);

    /// <summary>Starts something in a turn of this queue. The task ends when it does.</summary>
    public Task RunAsync(Func<Task> work)
        => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>From now on only what has been started may go on: continuations are run, new items are refused.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>Runs up to <paramref name="most"/> items, then asks the scheduler for another turn if some are left.</summary>
    public void Run(int most)
    {
        var (outer, outerContext) = (_current, SynchronizationContext.Current);
        _current = this;
        // What is awaited would resume in a context before it would in a scheduler; a simulation may run in a test's.
        SynchronizationContext.SetSynchronizationContext(null);
        // Only inside a task of this scheduler is TaskScheduler.Current this queue.
        new Task(() => RunBatch(most)).RunSynchronously(this);
        SynchronizationContext.SetSynchronizationContext(outerContext);
        _current = outer;
        lock (_gate)
        {
            _scheduled = _items.Count > 0;
            if (!_scheduled)
            {
                return;
            }
        }

        scheduler.Schedule(this);
    }

    void IThreadPoolWorkItem.Execute() => Run(BatchSize);

    protected override void QueueTask(Task task) => Enqueue(task, evenIfClosed: true);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        => IsCurrent && !taskWasPreviouslyQueued && TryExecuteTask(task);

    /// <summary>For debuggers only.</summary>
    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private bool Enqueue(object item, bool evenIfClosed)
    {
        lock (_gate)
        {
            if (_closed && !evenIfClosed)
            {
                return false;
            }

            _items.Enqueue(item);
            if (_scheduled)
            {
                return true;
            }

            _scheduled = true;
        }

        scheduler.Schedule(this);
        return true;
    }

    private void RunBatch(int most)
    {
        for (var i = 0; i < most; i++)
        {
            object? item;
            lock (_gate)
            {
                if (!_items.TryDequeue(out item))
                {
                    return;
                }
            }

            if (item is Task task)
            {
                TryExecuteTask(task);
            }
            else
            {
                ((ITurnItem)item).Run();
            }
        }
    }
}
