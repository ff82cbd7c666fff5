using Npgsql;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>
/// Locks the rows of a transaction and reads them, in one round trip: first agents in the order of their keys, then requests in the order of
/// their ids. Every transaction does it in this order, so no two wait for each other.
/// </summary>
internal static class BatchLock
{
    // Whoever reads back what a lost commit came to waits for the transaction's end by this lock. A process that hangs in the middle of a
    // transaction must not keep the agents of the others.
    private const string Begin = "SELECT set_config('idle_in_transaction_session_timeout', '5000', true), pg_advisory_xact_lock($1)";

    private const string Usage = """
        SELECT tenant, sum(open)::bigint, sum(open_bytes)::bigint, sum(kept)::bigint, sum(kept_bytes)::bigint
        FROM switchboard_request_agent GROUP BY tenant
        """;

    // One that is not there is added, so that its lock is there too. What it is set to changes nothing.
    private const string Agents = """
        INSERT INTO switchboard_request_agent AS a (agent_key, tenant)
        SELECT k, split_part(k, '/', 1) FROM (
            SELECT unnest($1::text[]) COLLATE "C" AS k UNION SELECT agent_key FROM switchboard_request WHERE id = ANY ($2)) keys
        ORDER BY k
        ON CONFLICT (agent_key) DO UPDATE SET last_number = a.last_number
        RETURNING a.agent_key, a.tenant, a.last_number, a.open, a.open_bytes, a.kept, a.kept_bytes
        """;

    private const string Requests =
        $"SELECT {RequestColumns.All}, COALESCE(octet_length(r.payload), 0), r.hash, r.parts, r.chunks, r.response_cost "
        + "FROM switchboard_request r WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

    private const string Now = "SELECT clock_timestamp()";

    /// <summary>Locks and reads what some writes change.</summary>
    /// <param name="connection">A connection with a transaction that has just begun.</param>
    /// <param name="own">The advisory lock that this process's transactions hold.</param>
    /// <param name="writes">The writes.</param>
    /// <param name="batch">Is given the rows.</param>
    /// <param name="usage">Is read anew if it is stale.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task ReadAsync(
        NpgsqlConnection connection, long own, IReadOnlyList<LogWrite> writes, LogBatch batch, LogUsage usage, CancellationToken cancellationToken)
    {
        var refresh = usage.IsStale;
        await using var command = connection.CreateBatch(Begin, own);
        if (refresh)
        {
            command.Add(Usage);
        }

        command.Add(
            Agents,
            writes.Select(static write => write.AgentKey).OfType<string>().Distinct().ToArray(),
            Ids(writes.Where(static write => write.Costs && write.AgentKey is null)));
        command.Add(Requests, Ids(writes));
        command.Add(Now);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        if (refresh)
        {
            usage.Set(await ReadUsageAsync(rows, cancellationToken));
            await rows.NextResultAsync(cancellationToken);
        }

        await ReadAgentsAsync(rows, batch, cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        await ReadRequestsAsync(rows, batch, cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        batch.Now = await rows.GetFieldValueAsync<DateTimeOffset>(0, cancellationToken);
    }

    private static long[] Ids(IEnumerable<LogWrite> writes) =>
        [.. writes.SelectMany(static write => write.Ids).Distinct().Select(static id => unchecked((long)id))];

    private static async Task<List<(string Tenant, DurableUsage Open, DurableUsage Kept)>> ReadUsageAsync(
        NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        List<(string Tenant, DurableUsage Open, DurableUsage Kept)> tenants = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            tenants.Add((rows.GetString(0), new(rows.GetInt64(1), rows.GetInt64(2)), new(rows.GetInt64(3), rows.GetInt64(4))));
        }

        return tenants;
    }

    private static async Task ReadAgentsAsync(NpgsqlDataReader rows, LogBatch batch, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            var agent = new LockedAgent(rows.GetString(0), rows.GetString(1))
            {
                LastNumber = rows.GetInt64(2),
                Open = new(rows.GetInt32(3), rows.GetInt64(4)),
                Kept = new(rows.GetInt32(5), rows.GetInt64(6)),
            };
            batch.Agents.Add(agent.Key, agent);
        }
    }

    private static async Task ReadRequestsAsync(NpgsqlDataReader rows, LogBatch batch, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            var request = new LockedRequest(RequestColumns.Read(rows))
            {
                PayloadBytes = rows.GetInt32(RequestColumns.Count),
                Hash = await rows.GetFieldValueAsync<byte[]>(RequestColumns.Count + 1, cancellationToken),
                Parts = rows.GetInt32(RequestColumns.Count + 2),
                Chunks = rows.GetInt32(RequestColumns.Count + 3),
                ResponseCost = rows.GetInt64(RequestColumns.Count + 4),
            };
            batch.Requests.Add(request.Request.Id, request);
        }
    }
}
