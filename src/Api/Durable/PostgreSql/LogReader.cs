using Npgsql;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Reads the log, each call on a connection of the pool and within a time.</summary>
internal sealed class LogReader(NpgsqlDataSource database, TimeProvider time)
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(4);

    // Npgsql itself waits a little for a connection that does not say whether a command was cancelled.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs a statement and returns its rows.</summary>
    /// <exception cref="StorageUnavailableException">The database could not be asked.</exception>
    public Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, params object[] values) =>
        RunAsync(
            async (connection, token) =>
            {
                await using var command = connection.CreateBatch(sql, values);
                await using var rows = await command.ExecuteReaderAsync(token);
                return await ToListAsync(rows, row, token);
            },
            cancellationToken);

    /// <summary>Returns queued requests (<see cref="IRequestLog.ReadQueuedAsync"/>).</summary>
    public Task<QueuedRequests> ReadQueuedAsync(string agentKey, int limit, long maxBytes, CancellationToken cancellationToken) => RunAsync(
        async (connection, token) =>
        {
            await using var command = connection.CreateBatch(LogQueries.Queued, agentKey, limit + 1L, maxBytes);
            command.Add(LogQueries.NextDue, agentKey);
            await using var rows = await command.ExecuteReaderAsync(token);
            var due = await ToListAsync(
                rows,
                static r => (Request: RequestColumns.Read(r), Payload: r.IsDBNull(RequestColumns.Count) ? null : r.GetFieldValue<byte[]>(RequestColumns.Count)),
                token);
            await rows.NextResultAsync(token);
            var next = await ToListAsync(rows, static r => r.GetFieldValue<DateTimeOffset>(0) - r.GetFieldValue<DateTimeOffset>(1), token);
            List<QueuedRequest> within = [.. due.TakeWhile(static d => d.Payload is not null).Select(static d => new QueuedRequest(d.Request, d.Payload))];
            return new QueuedRequests(within, More: within.Count < due.Count, next.Count > 0 ? next[0] : null);
        },
        cancellationToken);

    private static async Task<List<T>> ToListAsync<T>(NpgsqlDataReader rows, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        List<T> all = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            all.Add(row(rows));
        }

        return all;
    }

    private async Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(_bound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            return await OnConnectionAsync(read, either.Token).WaitAsync(_patience, time, cancellationToken);
        }
        catch (Exception e) when (StorageErrors.Are(e) && !cancellationToken.IsCancellationRequested)
        {
            throw StorageErrors.Describe(e);
        }
    }

    private async Task<T> OnConnectionAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await read(connection, cancellationToken);
    }
}
