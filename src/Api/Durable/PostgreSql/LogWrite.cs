using Switchboard.Abstractions.Durable;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Represents a write that waits for its transaction: what it locks, and what it does then.</summary>
internal abstract class LogWrite
{
    private volatile bool _abandoned;

    /// <summary>The agent whose row it makes or locks; null: those of its requests.</summary>
    public string? AgentKey { get; init; }

    /// <summary>The requests whose rows it locks.</summary>
    public IReadOnlyList<ulong> Ids { get; init; } = [];

    /// <summary>Whether it may change what its requests cost, and so locks their agents.</summary>
    public bool Costs { get; init; }

    /// <summary>The bytes that it keeps in memory until it is done.</summary>
    public long Bytes { get; init; }

    /// <summary>The request that it has added; null: none.</summary>
    public LockedRequest? Added { get; protected set; }

    /// <summary>Gets whether nobody waits for it any more: it is not begun then.</summary>
    public bool IsAbandoned => _abandoned;

    /// <summary>Notes that nobody waits for it any more.</summary>
    public void Abandon() => _abandoned = true;

    /// <summary>Decides it. A transaction that is begun again decides it again.</summary>
    public abstract void Decide(LogBatch batch);

    /// <summary>Completes its task with what was decided.</summary>
    public abstract void Complete();

    /// <summary>Fails its task.</summary>
    public abstract void Fail(StorageUnavailableException error);
}

/// <inheritdoc />
internal sealed class LogWrite<T>(Func<LogBatch, T> decide) : LogWrite
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private Exception? _error;

    public Task<T> Task => _done.Task;

    /// <inheritdoc />
    public override void Decide(LogBatch batch)
    {
        try
        {
            // What cannot be (a time to live beyond the last of days) is this write's error and no other's: a rule changes nothing before it fails.
            (_result, _error) = (decide(batch), null);
            Added = _result is AcceptReply { Result: AcceptResult.Accepted } ? batch.Requests[Ids[0]] : null;
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            (Added, _error) = (null, e);
        }
    }

    /// <inheritdoc />
    public override void Complete()
    {
        if (_error is { } error)
        {
            _done.TrySetException(error);
        }
        else
        {
            _done.TrySetResult(_result);
        }
    }

    /// <inheritdoc />
    public override void Fail(StorageUnavailableException error) => _done.TrySetException(error);
}
