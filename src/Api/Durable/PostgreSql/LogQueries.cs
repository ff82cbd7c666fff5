using Switchboard.Abstractions.Durable;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Holds the statements that read the log. Each reads by state, over the index that <c>V1.sql</c> has for it, and never from a place on.</summary>
internal static class LogQueries
{
    /// <summary>$1: id.</summary>
    public const string Find = $"SELECT {RequestColumns.All} FROM switchboard_request r WHERE r.id = $1";

    /// <summary>$1: agent, $2: one more than the limit, $3: bytes. The payload comes with those that are within the limits.</summary>
    public const string Queued = $"""
        SELECT {RequestColumns.All}, CASE WHEN r.place = 1 OR (r.place < $2 AND r.total <= $3) THEN r.payload END
        FROM (
            SELECT q.*, row_number() OVER w AS place, sum(octet_length(q.payload)) OVER w AS total
            FROM (
                SELECT * FROM switchboard_request
                WHERE agent_key = $1 AND state = 0 AND due_at <= now() AND expires_at > now() ORDER BY number LIMIT $2) q
            WINDOW w AS (ORDER BY q.number)) r
        ORDER BY r.number
        """;

    /// <summary>$1: agent.</summary>
    public const string NextDue = """
        SELECT due_at, now() FROM switchboard_request
        WHERE agent_key = $1 AND state = 0 AND due_at > now() AND expires_at > now() ORDER BY due_at LIMIT 1
        """;

    /// <summary>$1: agent, $2: limit.</summary>
    public const string Claimed =
        $"SELECT {RequestColumns.All} FROM switchboard_request r WHERE r.agent_key = $1 AND r.state = 1 ORDER BY r.number LIMIT $2";

    /// <summary>$1: id, $2: the first chunk, $3: bytes. One statement, so that the chunks are those of the request as it is read.</summary>
    public const string Response = $"""
        SELECT {RequestColumns.All}, r.headers, ARRAY(
            SELECT c.body FROM (
                SELECT n, body, sum(octet_length(body)) OVER (ORDER BY n) - octet_length(body) AS before
                FROM switchboard_response_chunk WHERE id = r.id AND n >= $2) c
            WHERE c.before = 0 OR c.before < $3 ORDER BY c.n)
        FROM switchboard_request r WHERE r.id = $1
        """;

    /// <summary>$1: microseconds from now, $2: limit.</summary>
    public const string Due = """
        SELECT id, expires_at, now() FROM switchboard_request
        WHERE state < 2 AND expires_at <= now() + $1 * interval '1 microsecond' ORDER BY expires_at, id LIMIT $2
        """;

    /// <summary>$1: how long ago, in microseconds, $2: limit.</summary>
    public const string Forgettable = """
        SELECT id FROM switchboard_request
        WHERE state = 2 AND ended_at <= now() - $1 * interval '1 microsecond' ORDER BY ended_at, id LIMIT $2
        """;

    /// <summary>$1: the agent before, $2: limit. From one agent to the next, however many requests each has.</summary>
    public const string WaitingAgents = """
        WITH RECURSIVE w (agent_key, n) AS (
            (SELECT agent_key, 1 FROM switchboard_request WHERE state = 0 AND agent_key > $1 ORDER BY agent_key LIMIT 1)
            UNION ALL
            SELECT (SELECT r.agent_key FROM switchboard_request r WHERE r.state = 0 AND r.agent_key > w.agent_key ORDER BY r.agent_key LIMIT 1), n + 1
            FROM w WHERE w.agent_key IS NOT NULL AND w.n < $2)
        SELECT agent_key FROM w WHERE agent_key IS NOT NULL ORDER BY n
        """;

    /// <summary>From one front door to the next, however many attempts each has.</summary>
    public const string Holders = """
        WITH RECURSIVE w (front_door) AS (
            (SELECT front_door FROM switchboard_request WHERE state = 1 ORDER BY front_door LIMIT 1)
            UNION ALL
            SELECT (SELECT r.front_door FROM switchboard_request r WHERE r.state = 1 AND r.front_door > w.front_door ORDER BY r.front_door LIMIT 1)
            FROM w WHERE w.front_door IS NOT NULL)
        SELECT front_door FROM w WHERE front_door IS NOT NULL
        """;

    /// <summary>$1: front door, $2: limit.</summary>
    public const string HeldBy = "SELECT id, attempt, agent_key FROM switchboard_request WHERE state = 1 AND front_door = $1 ORDER BY id LIMIT $2";

    /// <summary>Returns the statement that lists an agent's requests: $1: agent, $2: the number before, $3: limit.</summary>
    public static string List(RequestFilter filter) =>
        $"SELECT {RequestColumns.All} FROM switchboard_request r WHERE r.agent_key = $1 AND r.number > $2 AND {Condition(filter)} ORDER BY r.number LIMIT $3";

    // The same as LogRules.Takes.
    private static string Condition(RequestFilter filter) => filter switch
    {
        RequestFilter.All => "true",
        RequestFilter.Queued => "r.state = 0",
        RequestFilter.Sent => "r.state = 1",
        RequestFilter.Answered => $"r.verdict = {Verdict.Answered:D}",
        RequestFilter.Expired => $"r.verdict = {Verdict.Expired:D}",
        RequestFilter.Cancelled => $"r.verdict = {Verdict.CallerCancelled:D}",
        _ => $"r.verdict NOT IN ({Verdict.Answered:D}, {Verdict.Expired:D}, {Verdict.CallerCancelled:D})",
    };
}
