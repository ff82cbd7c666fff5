using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Tasks;

/// <summary>Represents a bounded queue whose tasks are applied one at a time, in the order of their positions.</summary>
/// <remarks>
/// Not thread-safe, and it takes no lock (seeds A13): one grain owns it. It never calls anything: the pump asks for the next task, applies
/// it and reports that it is done. Invariants: README.md beside this file.
/// </remarks>
/// <typeparam name="T">The type of the applier's input.</typeparam>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue, though no System.Collections one.")]
public sealed class TaskQueue<T>
{
    // A linked list, so that a withdrawal removes its node at once. Marking it instead would let a queue behind a blocked applier grow past
    // its capacity with tasks that have no caller (seeds A3, A11).
    private readonly LinkedList<QueuedTask<T>> _waiting = new();
    private readonly Dictionary<ulong, LinkedListNode<QueuedTask<T>>> _byId = [];

    /// <summary>Initializes an empty queue.</summary>
    /// <param name="capacity">The maximum number of waiting tasks, the one being applied not counted; at least 1.</param>
    public TaskQueue(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
    }

    /// <summary>The maximum number of waiting tasks.</summary>
    public int Capacity { get; }

    /// <summary>The number of waiting tasks; the one being applied is not counted.</summary>
    public int Count => _waiting.Count;

    /// <summary>The position of the next accepted task. Grows by one a task, from 1; a refused task uses none.</summary>
    public long NextPosition { get; private set; } = 1;

    /// <summary>The id of the task that is being applied, or null.</summary>
    public ulong? Applying { get; private set; }

    /// <summary>The number of tasks that have been applied, successfully or not.</summary>
    public long Applied { get; private set; }

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Adds a task at the end.</summary>
    /// <param name="id">Its request's id.</param>
    /// <param name="payload">The applier's input.</param>
    /// <param name="expiresAt">The time from which on it must not be begun: the request's one deadline, counted from its arrival.</param>
    /// <param name="now">The time, by the same clock.</param>
    public SubmitOutcome Submit(ulong id, T payload, TimeSpan expiresAt, TimeSpan now)
    {
        if (IsStopped)
        {
            return new SubmitOutcome(SubmitResult.Stopped, 0);
        }

        if (Applying == id || _byId.ContainsKey(id))
        {
            return new SubmitOutcome(SubmitResult.Duplicate, 0);
        }

        if (expiresAt <= now)
        {
            return new SubmitOutcome(SubmitResult.ExpiredAlready, 0);
        }

        if (_waiting.Count >= Capacity)
        {
            return new SubmitOutcome(SubmitResult.Full, 0);
        }

        var task = new QueuedTask<T> { Id = id, Position = NextPosition++, Payload = payload, ExpiresAt = expiresAt };
        _byId.Add(id, _waiting.AddLast(task));
        return new SubmitOutcome(SubmitResult.Accepted, task.Position);
    }

    /// <summary>Begins the next task that has not expired. Does nothing while one is being applied.</summary>
    public BeginOutcome<T> TryBegin(TimeSpan now)
    {
        if (Applying is not null)
        {
            return new BeginOutcome<T>(null, []);
        }

        List<QueuedTask<T>>? expired = null;
        while (_waiting.First is { } first)
        {
            Remove(first);
            if (first.Value.ExpiresAt > now)
            {
                Applying = first.Value.Id;
                return new BeginOutcome<T>(first.Value, expired ?? (IReadOnlyList<QueuedTask<T>>)[]);
            }
            (expired ??= []).Add(first.Value);
        }
        return new BeginOutcome<T>(null, expired ?? (IReadOnlyList<QueuedTask<T>>)[]);
    }

    /// <summary>Notes that the task that was begun is done, successfully or not. False if it is not the one being applied.</summary>
    public bool Complete(ulong id)
    {
        if (Applying != id)
        {
            return false;
        }

        Applying = null;
        Applied++;
        return true;
    }

    /// <summary>Withdraws a task that no caller waits for any more: it is not applied, if its turn has not come.</summary>
    public WithdrawResult Withdraw(ulong id) => Withdraw(id, out _);

    /// <summary>Withdraws a task, and returns it.</summary>
    /// <param name="id">Its request's id.</param>
    /// <param name="task">The task; null unless it was withdrawn.</param>
    public WithdrawResult Withdraw(ulong id, out QueuedTask<T>? task)
    {
        task = null;
        if (Applying == id)
        {
            return WithdrawResult.Begun;
        }

        if (!_byId.TryGetValue(id, out var node))
        {
            return WithdrawResult.Unknown;
        }

        Remove(node);
        task = node.Value;
        return WithdrawResult.Withdrawn;
    }

    /// <summary>Stops accepting tasks and returns those that waited, in order. The one being applied goes on.</summary>
    /// <remarks>Idempotent: a second call returns nothing and waits for nothing (seeds A7, A8).</remarks>
    public IReadOnlyList<QueuedTask<T>> Stop()
    {
        IsStopped = true;
        QueuedTask<T>[] waited = [.. _waiting];
        _waiting.Clear();
        _byId.Clear();
        return waited;
    }

    private void Remove(LinkedListNode<QueuedTask<T>> node)
    {
        _waiting.Remove(node);
        _byId.Remove(node.Value.Id);
    }
}
