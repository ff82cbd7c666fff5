namespace Switchboard.Core.Tasks;

/// <summary>
/// Decides what the pump of one queue does next, and whose outcome must be sent: a <see cref="TaskQueue{T}"/>, the bytes that wait in it,
/// and the task that is being applied.
/// </summary>
/// <remarks>
/// Not thread-safe: one grain owns it. A task that leaves it is returned by the call that removed it, once, and its front door is notified
/// then.
/// </remarks>
/// <typeparam name="T">The type of the applier's input.</typeparam>
public sealed class TaskPump<T>
    where T : class
{
    private readonly TaskQueue<T> _queue;
    private readonly Func<T, int> _sizeOf;
    private readonly long _capacityBytes;
    private QueuedTask<T>? _applying;

    /// <summary>Initializes an empty queue.</summary>
    /// <param name="capacity">The maximum number of waiting tasks, the one being applied not counted; at least 1.</param>
    /// <param name="capacityBytes">
    /// The maximum number of waiting bytes. A count alone would let a few thousand long tasks use up the machine's memory.
    /// </param>
    /// <param name="sizeOf">Returns a task's bytes.</param>
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

    /// <summary>Gets whether a task is being applied.</summary>
    public bool IsBusy => _queue.Applying is not null;

    /// <summary>The number of bytes of the waiting tasks.</summary>
    public long WaitingBytes { get; private set; }

    /// <summary>The task that is being applied and whose outcome must still be sent; null: none.</summary>
    public T? Owed => _applying?.Payload;

    /// <inheritdoc cref="TaskQueue{T}.Submit"/>
    public SubmitOutcome Submit(ulong id, T payload, TimeSpan expiresAt, TimeSpan now)
    {
        var size = _sizeOf(payload);
        if (WaitingBytes + size > _capacityBytes)
        {
            return new SubmitOutcome(SubmitResult.Full, 0);
        }

        var outcome = _queue.Submit(id, payload, expiresAt, now);
        if (outcome.Result == SubmitResult.Accepted)
        {
            WaitingBytes += size;
        }

        return outcome;
    }

    /// <summary>Begins the next task. Does nothing while one is being applied.</summary>
    public BeginOutcome<T> Next(TimeSpan now)
    {
        var begun = _queue.TryBegin(now);
        foreach (var expired in begun.Expired)
        {
            WaitingBytes -= _sizeOf(expired.Payload);
        }

        if (begun.Task is { } task)
        {
            WaitingBytes -= _sizeOf(task.Payload);
            _applying = task;
        }
        return begun;
    }

    /// <summary>Notes that the task that was begun is done, successfully or not.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>
    /// True: its outcome is known now and must be sent. False: it has been given up, and its front door was notified of that.
    /// </returns>
    public bool Complete(ulong id)
    {
        if (!_queue.Complete(id))
        {
            return false;
        }

        var owed = _applying is not null;
        _applying = null;
        return owed;
    }

    /// <summary>Gives up the task that is being applied: its outcome is unknown.</summary>
    /// <returns>The task whose outcome is unknown; null: none is being applied, or it was given up before.</returns>
    public T? GiveUp()
    {
        var owed = Owed;
        _applying = null;
        return owed;
    }

    /// <inheritdoc cref="TaskQueue{T}.Withdraw(ulong)"/>
    public WithdrawResult Withdraw(ulong id)
    {
        var result = _queue.Withdraw(id, out var task);
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
