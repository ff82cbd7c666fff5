using System.Threading.Channels;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>
/// Queues writes. While one transaction waits for the database, the next ones' writes gather, and all of them are the next transaction: the
/// disk confirms them together. Thread-safe.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    /// <summary>The maximum number of writes that wait.</summary>
    public const int MaxWaiting = 10_000;

    private const long MaxBytesWaiting = 64L * 1024 * 1024;
    private const int MaxPerCommit = 512;
    private const long MaxBytesPerCommit = 8L * 1024 * 1024;

    // No call may last longer (R7).
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Channel<LogWrite> _queue =
        Channel.CreateBounded<LogWrite>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly LogTransaction _transaction;
    private readonly TimeProvider _time;
    private readonly Task _loop;
    private long _bytes;

    public LogWriter(LogTransaction transaction, TimeProvider time)
    {
        (_transaction, _time) = (transaction, time);
        // It runs as long as the process, which the current AsyncLocals must not.
        using (ExecutionContext.SuppressFlow())
        {
            _loop = Task.Run(RunAsync);
        }
    }

    /// <summary>Queues a write and waits until its transaction is confirmed.</summary>
    /// <exception cref="StorageUnavailableException">As much waits as may, it was not done in time, or its transaction failed.</exception>
    public async Task<T> WriteAsync<T>(LogWrite<T> write, CancellationToken cancellationToken)
    {
        Add(write);
        try
        {
            return await write.Task.WaitAsync(_patience, _time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw StorageErrors.Describe(e);
        }
        finally
        {
            write.Abandon();
        }
    }

    /// <summary>Takes nothing more, without a wait for what is queued.</summary>
    public void Close() => _queue.Writer.TryComplete();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Close();
        try
        {
            await _loop.WaitAsync(_patience, _time);
        }
        catch (TimeoutException)
        {
            // Whoever waits for a write is told so by its own time.
        }
    }

    private void Add(LogWrite write)
    {
        var bytes = Interlocked.Add(ref _bytes, write.Bytes);
        // One that is larger than the bound by itself is let in where nothing else waits.
        if ((bytes > MaxBytesWaiting && bytes > write.Bytes) || !_queue.Writer.TryWrite(write))
        {
            Interlocked.Add(ref _bytes, -write.Bytes);
            throw new StorageUnavailableException($"The database is behind, or this process stops: {_queue.Reader.Count} writes with {bytes} bytes wait.");
        }
    }

    private async Task RunAsync()
    {
        List<LogWrite> writes = [];
        while (await _queue.Reader.WaitToReadAsync())
        {
            Gather(writes);
            if (writes.Count > 0)
            {
                await _transaction.RunAsync(writes);
            }

            writes.Clear();
        }
    }

    private void Gather(List<LogWrite> writes)
    {
        var bytes = 0L;
        while (writes.Count < MaxPerCommit && bytes < MaxBytesPerCommit && _queue.Reader.TryRead(out var write))
        {
            Interlocked.Add(ref _bytes, -write.Bytes);
            if (!write.IsAbandoned)
            {
                writes.Add(write);
                bytes += write.Bytes;
            }
        }
    }
}
