using Npgsql;
using NpgsqlTypes;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Writes what a transaction has decided, in one round trip. Every row but a new one is locked.</summary>
internal static class BatchWrite
{
    private const string Add = """
        INSERT INTO switchboard_request
            (id, agent_key, number, method, accepted_at, due_at, expires_at, first_message_us, request_bytes, watched, payload)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ORDER BY 1
        ON CONFLICT DO NOTHING
        """;

    // The payload of one that has ended is needed no more.
    private const string Change = """
        UPDATE switchboard_request r SET
            state = c.state, verdict = c.verdict, sent = c.sent, attempt = c.attempt, session = c.session, front_door = c.front_door,
            due_at = c.due_at, sent_at = c.sent_at, first_message_at = c.first_message_at, ended_at = c.ended_at,
            response_bytes = c.response_bytes, status = c.status, detail = c.detail, hash = c.hash, headers = COALESCE(c.headers, r.headers),
            parts = c.parts, chunks = c.chunks, response_cost = c.response_cost, payload = CASE WHEN c.state < 2 THEN r.payload END
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) c
            (id, state, verdict, sent, attempt, session, front_door, due_at, sent_at, first_message_at, ended_at, response_bytes, status, detail,
            hash, headers, parts, chunks, response_cost)
        WHERE r.id = c.id
        """;

    private const string RemoveChunks = "DELETE FROM switchboard_response_chunk WHERE id = ANY ($1)";
    private const string AddChunks = "INSERT INTO switchboard_response_chunk (id, n, body) SELECT * FROM unnest($1, $2, $3)";
    private const string Remove = "DELETE FROM switchboard_request WHERE id = ANY ($1)";

    private const string ChangeAgents = """
        UPDATE switchboard_request_agent a SET
            last_number = c.last_number, open = c.open, open_bytes = c.open_bytes, kept = c.kept, kept_bytes = c.kept_bytes
        FROM unnest($1, $2, $3, $4, $5, $6) c (agent_key, last_number, open, open_bytes, kept, kept_bytes)
        WHERE a.agent_key = c.agent_key
        """;

    private const string RemoveAgents = "DELETE FROM switchboard_request_agent WHERE agent_key = ANY ($1)";

    /// <summary>Writes what a batch has decided.</summary>
    /// <returns>False: the id of a new request was taken by another process meanwhile. The transaction is to be given up, and begun again.</returns>
    public static async Task<bool> WriteAsync(NpgsqlConnection connection, LogBatch batch, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlBatch(connection) { Timeout = BatchCommands.Timeout };
        LockedRequest[] added = [.. batch.Requests.Values.Where(static row => row.Added is not null)];
        var add = added.Length > 0 ? AddRequests(command, added) : null;
        AddIfAny(command, Change, [.. batch.Requests.Values.Where(static row => row is { Changed: true, Removed: false })], ChangeOf);
        AddIfAny(command, RemoveChunks, [.. batch.Requests.Values.Where(static row => row.ChunksDropped || row.Removed)], IdsOf);
        AddIfAny(
            command, AddChunks, [.. batch.Requests.Values.SelectMany(static row => row.NewChunks.Select(chunk => (row.Request.Id, chunk.Number, chunk.Body)))],
            static chunks => [Of(chunks, static c => Signed(c.Id)), Of(chunks, static c => c.Number), Of(chunks, static c => c.Body)]);
        AddIfAny(command, Remove, [.. batch.Requests.Values.Where(static row => row.Removed)], IdsOf);
        AddIfAny(command, ChangeAgents, [.. batch.Agents.Values.Where(static agent => agent.Changed && agent.Kept.Count > 0)], ChangeOf);
        // One of which nothing is kept is no longer known. Its row is locked: whoever waits for it adds it anew.
        AddIfAny(command, RemoveAgents, [.. batch.Agents.Values.Where(static agent => agent.Kept.Count == 0)], static agents => [Of(agents, static a => a.Key)]);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return add is null || add.RecordsAffected == added.Length;
    }

    private static NpgsqlBatchCommand AddRequests(NpgsqlBatch command, LockedRequest[] rows) => command.Add(
        Add,
        Of(rows, static r => Signed(r.Request.Id)),
        Of(rows, static r => r.Request.AgentKey),
        Of(rows, static r => r.Request.Number),
        Of(rows, static r => r.Request.Method),
        Of(rows, static r => r.Request.AcceptedAt.ToUniversalTime()),
        Of(rows, static r => r.Request.DueAt),
        Of(rows, static r => r.Request.ExpiresAt),
        Of(rows, static r => r.Request.FirstMessage.Ticks / TimeSpan.TicksPerMicrosecond),
        Of(rows, static r => r.Request.RequestBytes),
        Of(rows, static r => r.Request.Watched),
        Of(rows, static r => r.Added!.Payload.ToArray()));

    private static object[] ChangeOf(LockedRequest[] rows) =>
    [
        Of(rows, static r => Signed(r.Request.Id)),
        Of(rows, static r => (short)r.Request.State),
        Nullable(NpgsqlDbType.Smallint, rows, static r => (short?)r.Request.Verdict),
        Of(rows, static r => r.Request.Sent),
        Of(rows, static r => (long)r.Request.Attempt),
        Of(rows, static r => Signed(r.Request.Session)),
        Of(rows, static r => (int)r.Request.FrontDoor),
        Of(rows, static r => r.Request.DueAt),
        Nullable(NpgsqlDbType.TimestampTz, rows, static r => r.Request.SentAt),
        Nullable(NpgsqlDbType.TimestampTz, rows, static r => r.Request.FirstMessageAt),
        Nullable(NpgsqlDbType.TimestampTz, rows, static r => r.Request.EndedAt),
        Of(rows, static r => r.Request.ResponseBytes),
        Nullable(NpgsqlDbType.Integer, rows, static r => r.Request.Status),
        Of(rows, static r => r.Request.Detail),
        Of(rows, static r => r.Hash.ToArray()),
        new NpgsqlParameter<byte[]?[]> { TypedValue = [.. rows.Select(static r => r.Headers)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
        Of(rows, static r => r.Parts),
        Of(rows, static r => r.Chunks),
        Of(rows, static r => r.ResponseCost),
    ];

    private static object[] ChangeOf(LockedAgent[] rows) =>
    [
        Of(rows, static a => a.Key),
        Of(rows, static a => a.LastNumber),
        Of(rows, static a => (int)a.Open.Count),
        Of(rows, static a => a.Open.Bytes),
        Of(rows, static a => (int)a.Kept.Count),
        Of(rows, static a => a.Kept.Bytes),
    ];

    private static object[] IdsOf(LockedRequest[] rows) => [Of(rows, static r => Signed(r.Request.Id))];

    private static void AddIfAny<T>(NpgsqlBatch command, string sql, T[] rows, Func<T[], object[]> values)
    {
        if (rows.Length > 0)
        {
            command.Add(sql, values(rows));
        }
    }

    private static TColumn[] Of<T, TColumn>(T[] rows, Func<T, TColumn> column) => Array.ConvertAll(rows, row => column(row));

    private static NpgsqlParameter<TColumn?[]> Nullable<T, TColumn>(NpgsqlDbType type, T[] rows, Func<T, TColumn?> column)
        where TColumn : struct =>
        new NpgsqlParameter<TColumn?[]> { TypedValue = Array.ConvertAll(rows, row => column(row)), NpgsqlDbType = NpgsqlDbType.Array | type };

    private static long Signed(ulong value) => unchecked((long)value);
}
