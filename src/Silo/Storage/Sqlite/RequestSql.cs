namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// Holds the statements of the log of requests. Each finds its rows by an index that is made for it, which a test asks SQLite about: the
/// numbers of states are written out, as the partial indexes ask for. What reads an agent's requests by state names its index: SQLite would
/// rather take that of all of the agent's requests, with any number of ended ones.
/// </summary>
internal static class RequestSql
{
    // In the order in which RequestRows.Read reads them.
    private const string Columns =
        "r.id, r.agent_key, r.number, r.method, r.state, r.verdict, r.sent, r.watched, r.attempt, r.session, r.front_door, r.accepted_at, r.due_at, "
        + "r.expires_at, r.sent_at, r.first_message_at, r.ended_at, r.first_message, r.request_bytes, r.response_bytes, r.status, r.detail, "
        + "r.cost, r.response_cost";

    private const string Requests = "SELECT " + Columns + " FROM switchboard_request r ";

    private const string Page = " AND r.agent_key = $agent AND r.number > $after ORDER BY r.number LIMIT $limit";

    public const string IsKnown = "SELECT 1 FROM switchboard_request WHERE id = $id";

    public const string Find = Requests + "WHERE r.id = $id";

    public const string FindHash = "SELECT hash FROM switchboard_request WHERE id = $id";

    public const string Insert =
        "INSERT INTO switchboard_request (id, agent_key, number, method, state, sent, watched, attempt, session, front_door, accepted_at, due_at, "
        + "expires_at, first_message, request_bytes, response_bytes, cost, response_cost, detail) VALUES "
        + "($id, $agent, $number, $method, 0, 0, $watched, 0, 0, 0, $accepted, $due, $expires, $first, $bytes, 0, $cost, 0, '')";

    public const string Update =
        "UPDATE switchboard_request SET state = $state, verdict = $verdict, outcome = $outcome, sent = $sent, attempt = $attempt, session = $session, "
        + "front_door = $door, due_at = $due, sent_at = $sentAt, first_message_at = $firstAt, ended_at = $endedAt, forget_at = $forgetAt, "
        + "response_bytes = $bytes, status = $status, cost = $cost, response_cost = $responseCost, detail = $detail, hash = $hash WHERE id = $id";

    /// <summary>What a part of a response changes, which is in no index.</summary>
    public const string UpdateResponse =
        "UPDATE switchboard_request SET first_message_at = $firstAt, response_bytes = $bytes, status = $status, cost = $cost, "
        + "response_cost = $responseCost WHERE id = $id";

    public const string Delete = "DELETE FROM switchboard_request WHERE id = $id";

    public const string Queued =
        "SELECT " + Columns + ", length(p.body), p.body FROM switchboard_request r INDEXED BY switchboard_request_queued "
        + "JOIN switchboard_request_payload p ON p.id = r.id WHERE r.state = 0 AND r.agent_key = $agent AND r.due_at <= $now AND r.expires_at > $now ORDER BY r.number LIMIT $limit";

    public const string NextDue =
        "SELECT min(due_at) FROM switchboard_request INDEXED BY switchboard_request_queued WHERE state = 0 AND agent_key = $agent AND due_at > $now AND expires_at > $now";

    public const string List = Requests + "WHERE true" + Page;

    public const string ListQueued = Requests + "INDEXED BY switchboard_request_queued WHERE r.state = 0" + Page;

    public const string ListClaimed = Requests + "INDEXED BY switchboard_request_claimed WHERE r.state = 1" + Page;

    public const string ListEnded = Requests + "INDEXED BY switchboard_request_ended WHERE r.state = 2 AND r.outcome = $outcome" + Page;

    public const string Overdue = Requests + "WHERE r.state < 2 AND r.expires_at <= $now ORDER BY r.expires_at LIMIT $limit";

    public const string Due = "SELECT id, expires_at FROM switchboard_request WHERE state < 2 AND expires_at <= $until ORDER BY expires_at LIMIT $limit";

    public const string Forgotten =
        "SELECT id, agent_key, cost FROM switchboard_request WHERE state = 2 AND forget_at <= $now ORDER BY forget_at LIMIT $limit";

    public const string HeldBy = Requests + "WHERE r.state = 1 AND r.front_door = $door LIMIT $limit";

    /// <summary>Steps from each front door to the next by the index: there may be many attempts of one.</summary>
    public const string Holders =
        "WITH RECURSIVE holder (door) AS (SELECT -1 UNION ALL "
        + "SELECT (SELECT min(front_door) FROM switchboard_request WHERE state = 1 AND front_door > door) FROM holder WHERE door IS NOT NULL) "
        + "SELECT door FROM holder WHERE door >= 0";

    /// <summary>Steps from each agent to the next by the index. The first row is the one to begin after.</summary>
    public const string WaitingAgents =
        "WITH RECURSIVE waiting (agent) AS (SELECT $after UNION ALL "
        + "SELECT (SELECT min(agent_key) FROM switchboard_request WHERE state = 0 AND agent_key > agent) FROM waiting WHERE agent IS NOT NULL LIMIT $limit) "
        + "SELECT agent FROM waiting WHERE agent > $after";

    public const string InsertPayload = "INSERT INTO switchboard_request_payload VALUES ($id, $body)";

    public const string DeletePayload = "DELETE FROM switchboard_request_payload WHERE id = $id";

    public const string InsertHead = "INSERT INTO switchboard_request_head VALUES ($id, $headers)";

    public const string FindHead = "SELECT headers FROM switchboard_request_head WHERE id = $id";

    public const string DeleteHead = "DELETE FROM switchboard_request_head WHERE id = $id";

    public const string InsertChunk =
        "INSERT INTO switchboard_request_chunk VALUES "
        + "($id, (SELECT coalesce(max(n), -1) + 1 FROM switchboard_request_chunk WHERE id = $id), $body)";

    public const string Chunks = "SELECT body FROM switchboard_request_chunk WHERE id = $id AND n >= $from ORDER BY n";

    public const string DeleteChunks = "DELETE FROM switchboard_request_chunk WHERE id = $id";

    /// <summary>What is kept where an agent's next request is to be added.</summary>
    public const string Use =
        "SELECT coalesce(a.open, 0), coalesce(a.bytes, 0), coalesce(n.open, 0), coalesce(n.bytes, 0), t.kept, t.bytes FROM switchboard_request_total t "
        + "LEFT JOIN switchboard_request_agent a ON a.agent_key = $agent LEFT JOIN switchboard_request_tenant n ON n.tenant = $tenant WHERE t.only = 1";

    public const string AddToAgent =
        "INSERT INTO switchboard_request_agent VALUES ($agent, 1, 1, 1, $bytes) "
        + "ON CONFLICT DO UPDATE SET last_number = last_number + 1, kept = kept + 1, open = open + 1, bytes = bytes + $bytes RETURNING last_number";

    public const string AddToTenant =
        "INSERT INTO switchboard_request_tenant VALUES ($tenant, 1, $bytes) ON CONFLICT DO UPDATE SET open = open + 1, bytes = bytes + $bytes";

    public const string ChangeAgent =
        "UPDATE switchboard_request_agent SET kept = kept + $kept, open = open + $open, bytes = bytes + $bytes WHERE agent_key = $agent";

    public const string ChangeTenant = "UPDATE switchboard_request_tenant SET open = open + $open, bytes = bytes + $bytes WHERE tenant = $tenant";

    public const string DeleteAgent = "DELETE FROM switchboard_request_agent WHERE agent_key = $agent AND kept = 0";

    public const string DeleteTenant = "DELETE FROM switchboard_request_tenant WHERE tenant = $tenant AND open = 0";

    public const string Total = "SELECT changes, open, kept, bytes FROM switchboard_request_total WHERE only = 1";

    public const string ChangeTotal =
        "UPDATE switchboard_request_total SET changes = changes + 1, open = open + $open, kept = kept + $kept, bytes = bytes + $bytes WHERE only = 1 "
        + "RETURNING changes, open, kept, bytes";
}
