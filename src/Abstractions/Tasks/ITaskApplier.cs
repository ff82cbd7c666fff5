namespace Switchboard.Abstractions.Tasks;

/// <summary>
/// Applies the tasks of one queue: a plug-in, registered with the silo's services. It is called for one task at a time. An exception fails
/// that one task (<c>applier-failed</c>); the queue goes on.
/// </summary>
public interface ITaskApplier
{
    /// <summary>The queue's name. Two appliers of one name are refused at startup.</summary>
    string Queue { get; }

    /// <summary>Applies one task and returns its result.</summary>
    /// <param name="kind">The kind of the task.</param>
    /// <param name="payload">The input; not to be kept or written to.</param>
    /// <param name="cancellationToken">
    /// Fires when the queue stops, but not when the task's caller went away: a task that has begun is completed.
    /// </param>
    ValueTask<ReadOnlyMemory<byte>> ApplyAsync(string kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);
}
