namespace Switchboard.Core.Tasks;

/// <summary>
/// Decides what the pump of one queue does next, and whose outcome is owed: a <see cref="TaskQueue{T}"/>, the bytes that wait in it, and
/// the task that is being applied.
/// </summary>
/// <remarks>
/// Not thread-safe: one grain owns it. Whatever leaves it is named by the call that took it out, once, and its front door is told then.
/// </remarks>
/// <typeparam name="T">What the applier gets.</typeparam>
public sealed class TaskPump<T>
    where T : class
{
    private readonly TaskQueue<T> _queue;
    private readonly Func<T, int> _sizeOf;
    private readonly long _capacityBytes;
    private QueuedTask<T>? _applying;

    /// <summary>An empty queue.</summary>
    /// <param name="capacity">The most tasks that may wait, the one being applied not counted; at least 1.</param>
    /// <param name="capacityBytes">The most bytes that may wait. A count alone would let a few thousand long tasks take the machine's memory.</param>
    /// <param name="sizeOf">A task's bytes.</param>
    public TaskPump(int capacity, long capacityBytes, Func<T, int> sizeOf)
    {
        _queue = new TaskQueue<T>(capacity);
        _capacityBytes = capacityBytes;
        _sizeOf = sizeOf;
    }

    /// <inheritdoc cref="TaskQueue{T}.Capacity"/>
    public int Capacity => _queue.Capacity;

    /// <inheritdoc cref="TaskQueue{T}.Count"/>
    public int Count => _queue.Count;

    /// <inheritdoc cref="TaskQueue{T}.Applied"/>
    public long Applied => _queue.Applied;

    /// <summary>Is a task being applied?</summary>
    public bool IsBusy => _queue.Applying is not null;

    /// <summary>Bytes of the tasks that wait.</summary>
    public long WaitingBytes { get; private set; }

    /// <summary>The task that is being applied and whose outcome is still owed; null: none.</summary>
    public T? Owed => _applying?.Payload;

    /// <inheritdoc cref="TaskQueue{T}.Submit"/>
    public SubmitOutcome Submit(ulong id, T payload, TimeSpan expiresAt, TimeSpan now)
    {
        int size = _sizeOf(payload);
        if (WaitingBytes + size > _capacityBytes)
            return new SubmitOutcome(SubmitResult.Full, 0);
        SubmitOutcome outcome = _queue.Submit(id, payload, expiresAt, now);
        if (outcome.Result == SubmitResult.Accepted)
            WaitingBytes += size;
        return outcome;
    }

    /// <summary>Begins the next task. Does nothing while one is being applied.</summary>
    public BeginOutcome<T> Next(TimeSpan now)
    {
        BeginOutcome<T> begun = _queue.TryBegin(now);
        foreach (QueuedTask<T> expired in begun.Expired)
            WaitingBytes -= _sizeOf(expired.Payload);
        if (begun.Task is { } task)
        {
            WaitingBytes -= _sizeOf(task.Payload);
            _applying = task;
        }
        return begun;
    }

    /// <summary>The task that was begun is done, well or badly.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>True: its outcome is owed and now known. False: it has been given up, and its front door was told that.</returns>
    public bool Complete(ulong id)
    {
        if (!_queue.Complete(id))
            return false;
        bool owed = _applying is not null;
        _applying = null;
        return owed;
    }

    /// <summary>The task that is being applied is not waited for any longer: nobody can tell what it will have done.</summary>
    /// <returns>The task whose outcome is unknown; null: none is being applied, or it was given up before.</returns>
    public T? GiveUp()
    {
        T? owed = Owed;
        _applying = null;
        return owed;
    }

    /// <inheritdoc cref="TaskQueue{T}.Withdraw(ulong)"/>
    public WithdrawResult Withdraw(ulong id)
    {
        WithdrawResult result = _queue.Withdraw(id, out QueuedTask<T>? task);
        WaitingBytes -= task is null ? 0 : _sizeOf(task.Payload);
        return result;
    }

    /// <inheritdoc cref="TaskQueue{T}.Stop"/>
    public IReadOnlyList<QueuedTask<T>> Stop()
    {
        WaitingBytes = 0;
        return _queue.Stop();
    }
}
