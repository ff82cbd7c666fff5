namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>Reads, on threads of their own with a connection each, beside the writer. Each read sees one state of the file.</summary>
internal sealed class SqliteReaders
{
    private readonly string _path;
    private readonly WorkQueue _queue;
    private readonly ReadGate _gate;
    private readonly Thread[] _threads;

    public SqliteReaders(SqliteDatabaseOptions options, WorkQueue queue, ReadGate gate)
    {
        (_path, _queue, _gate) = (options.Path, queue, gate);
        _threads = [.. Enumerable.Range(1, options.Readers).Select(i => new Thread(Loop) { IsBackground = true, Name = $"sqlite reader {i}" })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Waits until all that was queued is read, once the queue is closed. False: it takes longer than the bound for one.</summary>
    public bool Join(TimeSpan bound) => Array.TrueForAll(_threads, t => t.Join(bound));

    private void Loop()
    {
        StoredConnection? connection = null;
        while (_queue.Take() is { } item)
        {
            if (item.TryBegin())
            {
                _gate.Enter();
                Exception? failure;
                try
                {
                    failure = Read(item, ref connection);
                }
                finally
                {
                    _gate.Exit();
                }

                item.Complete(failure, _path);
            }
        }

        connection?.Dispose();
    }

    private Exception? Read(WorkItem item, ref StoredConnection? connection)
    {
        try
        {
            connection ??= StoredConnection.OpenReader(_path);
            connection.Run("BEGIN");
            item.Run(connection);
            if (connection.InTransaction)
            {
                connection.Run("COMMIT");
            }

            return null;
        }
        catch (Exception e)
        {
            // Whatever state it is in: the next read has a new one.
            connection?.Dispose();
            connection = null;
            return e;
        }
    }
}
