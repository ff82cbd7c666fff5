using System.Data;
using System.Security.Cryptography;
using Npgsql;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Runs writes as one transaction, one such after another, and tells each what came of it.</summary>
internal sealed partial class LogTransaction(NpgsqlDataSource database, DurableBounds bounds, LogUsage usage, TimeProvider time, ILogger logger)
{
    private const int MaxRounds = 3;

    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _readBackBound = TimeSpan.FromSeconds(2);

    private long _own = DrawLock();
    private bool _failing;

    /// <summary>Runs them. It does not fail: each of them completes or fails by itself.</summary>
    public async Task RunAsync(IReadOnlyList<LogWrite> writes)
    {
        try
        {
            using var bound = new CancellationTokenSource(_bound, time);
            if (await CommitAsync(writes, bound.Token) is { } lost)
            {
                await ReadBackAsync(writes, lost);
                return;
            }
        }
        catch (Exception e)
        {
            // Before the COMMIT: none of it was made.
            Fail(writes, e);
            return;
        }

        if (_failing)
        {
            _failing = false;
            Log.Recovered(logger);
        }

        foreach (var write in writes)
        {
            write.Complete();
        }
    }

    // Returns what a COMMIT failed with, whose outcome is unknown then; null: all of it is done.
    private async Task<Exception?> CommitAsync(IReadOnlyList<LogWrite> writes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        for (var round = 1; ; round++)
        {
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
            var batch = new LogBatch(bounds, usage);
            await BatchLock.ReadAsync(connection, _own, writes, batch, usage, cancellationToken);
            foreach (var write in writes)
            {
                write.Decide(batch);
            }

            // Nothing but locks: they end with the transaction.
            if (!batch.HasChanges)
            {
                return null;
            }

            if (await BatchWrite.WriteAsync(connection, batch, cancellationToken))
            {
                return await CommitAsync(transaction, batch, cancellationToken);
            }

            // Another process has added a request of the same id after the rows were locked. In the next round it is among them.
            await transaction.RollbackAsync(cancellationToken);
            if (round == MaxRounds)
            {
                throw new StorageUnavailableException("Ids of new requests were taken again and again.");
            }
        }
    }

    private async Task<Exception?> CommitAsync(NpgsqlTransaction transaction, LogBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception e)
        {
            usage.Expire();
            return e;
        }

        usage.Add(batch.Changes);
        return null;
    }

    // The connection was lost after the COMMIT was sent, or the reply is late. What was accepted is looked for, and only what is found is said
    // to be accepted. Everything else that was decided may rest on what was not made.
    private async Task ReadBackAsync(IReadOnlyList<LogWrite> writes, Exception error)
    {
        var found = await FindAddedAsync([.. writes.Select(static write => write.Added).OfType<LockedRequest>()]);
        Log.CommitUnknown(logger, writes.Count, found.Count, error);
        foreach (var write in writes)
        {
            if (write.Added is { } added && found.Contains((added.Request.Id, added.Request.Number)))
            {
                write.Complete();
            }
            else
            {
                write.Fail(StorageErrors.Describe(error));
            }
        }
    }

    private async Task<HashSet<(ulong Id, long Number)>> FindAddedAsync(LockedRequest[] added)
    {
        // The lost transaction may still be on its way to its end, and would be read as not made: its lock is waited for. The next ones take
        // another, so that they do not wait for what a dead connection holds.
        var lost = _own;
        _own = DrawLock();
        HashSet<(ulong Id, long Number)> found = [];
        if (added.Length == 0)
        {
            return found;
        }

        try
        {
            using var bound = new CancellationTokenSource(_readBackBound, time);
            await using var connection = await database.OpenConnectionAsync(bound.Token);
            await using var command = connection.CreateBatch("SELECT pg_advisory_lock($1), pg_advisory_unlock($1)", lost);
            command.Add(
                "SELECT id, number FROM switchboard_request WHERE id = ANY ($1)",
                Array.ConvertAll(added, static row => unchecked((long)row.Request.Id)));
            await using var rows = await command.ExecuteReaderAsync(bound.Token);
            await rows.NextResultAsync(bound.Token);
            while (await rows.ReadAsync(bound.Token))
            {
                found.Add((unchecked((ulong)rows.GetInt64(0)), rows.GetInt64(1)));
            }
        }
        catch (Exception e) when (StorageErrors.Are(e))
        {
            // Unknown stays unknown.
            found.Clear();
        }

        return found;
    }

    private void Fail(IReadOnlyList<LogWrite> writes, Exception error)
    {
        // Once for each time that it is away: it may be thousands a second.
        if (!_failing)
        {
            _failing = true;
            Log.Failed(logger, error);
        }

        foreach (var write in writes)
        {
            write.Fail(StorageErrors.Describe(error));
        }
    }

    private static long DrawLock() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableWritesFailed, LogLevel.Warning, "The database does not take durable requests and their changes.")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.DurableWritesRecovered, LogLevel.Information, "The database takes durable requests and their changes again.")]
        public static partial void Recovered(ILogger logger);

        [LoggerMessage(
            EventIds.DurableCommitUnknown, LogLevel.Warning,
            "The outcome of a commit of {Writes} changes to durable requests is unknown; read again, {Accepted} requests were accepted.")]
        public static partial void CommitUnknown(ILogger logger, int writes, int accepted, Exception exception);
    }
}
