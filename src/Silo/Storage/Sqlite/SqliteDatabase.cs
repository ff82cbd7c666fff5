using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// The file that everything durable of a process without a cluster is in: one object a process, opened at the start and closed at the end.
/// One thread writes and commits what has gathered together, others read; no thread of the pool ever waits for the disk.
/// </summary>
/// <remarks>
/// Work runs on those threads: it is short, touches its connection and nothing else, and begins or ends no transaction. A write is in a
/// savepoint, so that one that throws is undone alone. What callers get: the result once the disk has confirmed it; what the work itself
/// threw; or one of <see cref="StorageUnavailableException"/>.
/// </remarks>
internal sealed class SqliteDatabase : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan _closeBound = TimeSpan.FromSeconds(10);

    private readonly SqliteFile _file;
    private readonly WorkQueue _writes;
    private readonly WorkQueue _reads;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private int _closed;

    private SqliteDatabase(SqliteFile file, SqliteDatabaseOptions options, IMeterFactory meters, TimeProvider time)
    {
        _file = file;
        _writes = new WorkQueue("writes", options.QueueCapacity, options.QueueCapacityBytes);
        _reads = new WorkQueue("reads", options.QueueCapacity, long.MaxValue);
        var gate = new ReadGate();
        _writer = new SqliteWriter(file.Connection, options, _writes, gate, new SqliteMeter(meters, options.Path, () => _writes.Length, time));
        _readers = new SqliteReaders(options, _reads, gate);
    }

    /// <summary>Opens the file, makes it if it is not there, and brings its schema to this program's version.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be used; the message is one sentence, and the file was left as it was.</exception>
    public static SqliteDatabase Open(SqliteDatabaseOptions options, IMeterFactory meters, TimeProvider time)
    {
        var file = SqliteFile.Open(options, time);
        try
        {
            return new SqliteDatabase(file, options, meters, time);
        }
        catch
        {
            file.Connection.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes, and returns the result once it is on the disk.</summary>
    /// <param name="work">What to do, on the writer's thread.</param>
    /// <param name="cancellationToken">Ends it before its turn; once begun it is done.</param>
    /// <exception cref="StorageUnavailableException">As its types say.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken) => WriteAsync(work, 0, cancellationToken);

    /// <summary>Writes something large: <paramref name="bytes"/> counts against what may wait, and against what one transaction takes.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, long bytes, CancellationToken cancellationToken) =>
        Enqueue(_writes, work, bytes, cancellationToken);

    /// <summary>Reads one state of the file, with all that was confirmed before.</summary>
    /// <param name="work">What to do, on a reader's thread, with a connection that cannot write.</param>
    /// <param name="cancellationToken">Ends it before its turn; once begun it is done.</param>
    /// <exception cref="StorageUnavailableException">As its types say.</exception>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken) => Enqueue(_reads, work, 0, cancellationToken);

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        _reads.Close();
        _writes.Close();
        // The readers first: the last connection to close empties the log, and only the writer's may. What does not end within the bound
        // is a disk that hangs: the process ends with it, as in a crash, and the lock ends with the process.
        if (_readers.Join(_closeBound) && _writer.Join(_closeBound))
        {
            _reads.Dispose();
            _writes.Dispose();
            _file.Dispose();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Waits for threads; so on one of its own.
        await Task.Factory.StartNew(Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static Task<T> Enqueue<T>(WorkQueue queue, Func<SqliteConnection, T> work, long bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var item = new WorkItem<T>(work, bytes);
        try
        {
            item.Watch(cancellationToken);
            queue.Add(item);
            return item.Task;
        }
        catch (Exception e) when (e is StorageUnavailableException or ObjectDisposedException)
        {
            item.Complete(e, "");
            return item.Task;
        }
    }
}
