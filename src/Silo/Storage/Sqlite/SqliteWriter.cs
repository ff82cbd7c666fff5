using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// Writes, on a thread of its own. While one transaction waits for the disk, the next ones' writes gather in the queue, and all of them
/// are the next transaction: the disk confirms them together.
/// </summary>
internal sealed class SqliteWriter
{
    private static readonly TimeSpan _readersBound = TimeSpan.FromSeconds(1);

    private readonly SqliteDatabaseOptions _options;
    private readonly WorkQueue _queue;
    private readonly ReadGate _gate;
    private readonly SqliteMeter _meter;
    private readonly Thread _thread;
    private readonly List<WorkItem> _batch = [];

    // Those of the open transaction, with what came of each.
    private readonly List<WorkItem> _done = [];
    private StoredConnection? _connection;
    private long _logBound;

    public SqliteWriter(StoredConnection connection, SqliteDatabaseOptions options, WorkQueue queue, ReadGate gate, SqliteMeter meter)
    {
        (_connection, _options, _queue, _gate, _meter) = (connection, options, queue, gate, meter);
        _logBound = options.MaxLogBytes;
        _thread = new Thread(Loop) { IsBackground = true, Name = "sqlite writer" };
        _thread.Start();
    }

    /// <summary>Waits until all that was queued is written, once the queue is closed. False: it takes longer than the bound.</summary>
    public bool Join(TimeSpan bound) => _thread.Join(bound);

    private void Loop()
    {
        while (Gather())
        {
            var began = _meter.Now();
            foreach (var item in _batch)
            {
                Run(item);
            }

            Commit(began);
            _batch.Clear();
            BoundLog();
        }

        _connection?.Dispose();
    }

    private bool Gather()
    {
        var bytes = 0L;
        for (var item = _queue.Take(); item is not null; item = _queue.TryTake())
        {
            _batch.Add(item);
            bytes += item.Bytes;
            if (_batch.Count >= _options.MaxWritesPerCommit || bytes >= _options.MaxBytesPerCommit)
            {
                break;
            }
        }

        return _batch.Count > 0;
    }

    private void Run(WorkItem item)
    {
        if (!item.TryBegin())
        {
            return;
        }

        if (!TryBegin(out var connection, out var error))
        {
            item.Complete(error, _options.Path);
            return;
        }

        _done.Add(item);
        try
        {
            connection.Run("SAVEPOINT item");
            if (item.Run(connection))
            {
                connection.Run("RELEASE item");
            }
            else if (connection.InTransaction)
            {
                // What it did is undone, and nothing else. Its error is told with the others' results: it may rest on what they wrote.
                connection.Run("ROLLBACK TO item");
                connection.Run("RELEASE item");
            }
            else
            {
                // Some errors, a full disk for one, end the whole transaction: nothing in it was written.
                CompleteAll(item.Error);
            }
        }
        catch (Exception e)
        {
            Abandon(e);
        }
    }

    private bool TryBegin([NotNullWhen(true)] out StoredConnection? connection, [NotNullWhen(false)] out Exception? error)
    {
        error = null;
        try
        {
            connection = _connection ??= StoredConnection.OpenWriter(_options.Path);
            if (!connection.InTransaction)
            {
                connection.Run("BEGIN IMMEDIATE");
            }

            return true;
        }
        catch (Exception e)
        {
            error = e;
            connection = null;
            return false;
        }
    }

    private void Commit(long began)
    {
        if (_done.Count == 0)
        {
            return;
        }

        var writes = _done.Count;
        try
        {
            _connection!.Run("COMMIT");
        }
        catch (Exception e)
        {
            Abandon(e);
            return;
        }

        CompleteAll(null);
        _meter.Committed(writes, began);
    }

    // The transaction is given up. A connection that cannot even do that is opened anew.
    private void Abandon(Exception error)
    {
        try
        {
            if (_connection!.InTransaction)
            {
                _connection.Run("ROLLBACK");
            }
        }
        catch (Exception)
        {
            _connection!.Dispose();
            _connection = null;
        }

        CompleteAll(error);
    }

    private void CompleteAll(Exception? failure)
    {
        foreach (var item in _done)
        {
            item.Complete(failure, _options.Path);
        }

        _done.Clear();
    }

    private void BoundLog()
    {
        if (_connection is not { } connection || _meter.LogBytes() is var length && length <= _logBound)
        {
            return;
        }

        try
        {
            // A read that goes on and on holds up writes once for each quarter that the log grows further, and not each of them.
            _logBound = _gate.TryRunAlone(() => connection.Run("PRAGMA wal_checkpoint(TRUNCATE)"), _readersBound)
                ? _options.MaxLogBytes
                : length + (_options.MaxLogBytes / 4);
        }
        catch (Exception)
        {
            // A disk that fails fails the next commit too, which says so; the log stays as it is.
            _connection = null;
            connection.Dispose();
        }
    }
}
