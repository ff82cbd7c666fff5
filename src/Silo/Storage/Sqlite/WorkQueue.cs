using System.Collections.Concurrent;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>A bounded queue between callers, who never wait, and threads that do.</summary>
internal sealed class WorkQueue(string what, int capacity, long capacityBytes) : IDisposable
{
    private readonly BlockingCollection<WorkItem> _items = new(capacity);
    private long _bytes;

    /// <summary>Gets how many wait.</summary>
    public int Length => _items.Count;

    /// <summary>Adds one at the end.</summary>
    /// <exception cref="StorageOverloadedException">As much waits as may.</exception>
    /// <exception cref="ObjectDisposedException">The database is closed.</exception>
    public void Add(WorkItem item)
    {
        var bytes = Interlocked.Add(ref _bytes, item.Bytes);
        try
        {
            // One that is larger than the bound by itself is let in where nothing else waits.
            if ((bytes > capacityBytes && bytes > item.Bytes) || !_items.TryAdd(item))
            {
                throw new StorageOverloadedException($"The storage is behind: {Length} {what} with {bytes} bytes wait for it, which is as much as may.");
            }
        }
        catch (Exception e)
        {
            Interlocked.Add(ref _bytes, -item.Bytes);
            if (e is InvalidOperationException)
            {
                throw new ObjectDisposedException(nameof(SqliteDatabase), e);
            }

            throw;
        }
    }

    /// <summary>Waits until there is one and returns it; null: there will be none any more.</summary>
    public WorkItem? Take() => _items.TryTake(out var item, Timeout.Infinite) ? Taken(item) : null;

    /// <summary>Returns the next one if there is one.</summary>
    public WorkItem? TryTake() => _items.TryTake(out var item) ? Taken(item) : null;

    /// <summary>Takes nothing more; what waits is still given out.</summary>
    public void Close() => _items.CompleteAdding();

    /// <inheritdoc />
    public void Dispose() => _items.Dispose();

    private WorkItem Taken(WorkItem item)
    {
        Interlocked.Add(ref _bytes, -item.Bytes);
        return item;
    }
}
