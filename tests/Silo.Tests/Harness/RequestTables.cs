using System.Globalization;
using Microsoft.Data.Sqlite;
using Switchboard.Silo.Storage.Sqlite;
using Switchboard.TestSupport;

namespace Switchboard.Silo.Tests.Harness;

/// <summary>Looks into the tables of the log of requests, past the log.</summary>
internal static class RequestTables
{
    /// <summary>What differs between the counters and what they count, a line each, and rows that belong to nothing.</summary>
    private const string Differences =
        "SELECT 'total: ' || t.open || ', ' || t.kept || ', ' || t.bytes || ' for ' || c.open || ', ' || c.kept || ', ' || c.bytes "
        + "FROM switchboard_request_total t, (SELECT count(*) FILTER (WHERE state < 2) AS open, count(*) AS kept, coalesce(sum(cost), 0) AS bytes FROM switchboard_request) c "
        + "WHERE (t.open, t.kept, t.bytes) <> (c.open, c.kept, c.bytes) "
        + "UNION ALL SELECT 'agent: ' || agent_key || ', ' || kept || ', ' || open || ', ' || bytes FROM ("
        + "SELECT * FROM (SELECT agent_key, kept, open, bytes FROM switchboard_request_agent EXCEPT " + Agents + ") "
        + "UNION ALL SELECT * FROM (" + Agents + " EXCEPT SELECT agent_key, kept, open, bytes FROM switchboard_request_agent)) "
        + "UNION ALL SELECT 'tenant: ' || tenant || ', ' || open || ', ' || bytes FROM ("
        + "SELECT * FROM (SELECT tenant, open, bytes FROM switchboard_request_tenant EXCEPT " + Tenants + ") "
        + "UNION ALL SELECT * FROM (" + Tenants + " EXCEPT SELECT tenant, open, bytes FROM switchboard_request_tenant)) "
        + "UNION ALL SELECT 'payload: ' || id FROM (SELECT id FROM switchboard_request_payload EXCEPT SELECT id FROM switchboard_request WHERE state < 2) "
        + "UNION ALL SELECT 'no payload: ' || id FROM (SELECT id FROM switchboard_request WHERE state < 2 EXCEPT SELECT id FROM switchboard_request_payload) "
        + "UNION ALL SELECT 'head: ' || id FROM (SELECT id FROM switchboard_request_head EXCEPT SELECT id FROM switchboard_request WHERE response_cost > 0) "
        + "UNION ALL SELECT 'chunk: ' || id FROM (SELECT id FROM switchboard_request_chunk EXCEPT SELECT id FROM switchboard_request WHERE response_cost > 0)";

    private const string Agents =
        "SELECT agent_key, count(*), count(*) FILTER (WHERE state < 2), coalesce(sum(cost) FILTER (WHERE state < 2), 0) FROM switchboard_request GROUP BY agent_key";

    private const string Tenants =
        "SELECT substr(agent_key, 1, instr(agent_key, '/') - 1), count(*), sum(cost) FROM switchboard_request WHERE state < 2 GROUP BY 1";

    /// <summary>Asserts that the counters say what the tables hold.</summary>
    public static async Task AssertCountedAsync(this SqliteDatabase database) =>
        Assert.Empty(await database.ReadAsync(static c => Lines(c.Statement(Differences)), CancellationToken.None).DefaultTimeout());

    /// <summary>How SQLite runs a statement, a line each step.</summary>
    public static async Task<List<string>> PlanAsync(this SqliteDatabase database, string sql, IEnumerable<string> parameters) =>
        await database.ReadAsync(
            c =>
            {
                using var explain = c.CreateCommand();
                explain.CommandText = $"EXPLAIN QUERY PLAN {sql}";
                foreach (var name in parameters)
                {
                    explain.Parameters.AddWithValue(name, 1);
                }

                return Lines(explain, column: 3);
            },
            CancellationToken.None).DefaultTimeout();

    /// <summary>How many rows all of the log's tables have, but for the totals.</summary>
    public static async Task<long> RowsAsync(this SqliteDatabase database) => await database.ReadAsync(
        static c => (long)c.Statement(
            "SELECT (SELECT count(*) FROM switchboard_request) + (SELECT count(*) FROM switchboard_request_payload) + (SELECT count(*) FROM switchboard_request_head) "
            + "+ (SELECT count(*) FROM switchboard_request_chunk) + (SELECT count(*) FROM switchboard_request_agent) + (SELECT count(*) FROM switchboard_request_tenant)").ExecuteScalar()!,
        CancellationToken.None).DefaultTimeout();

    /// <summary>Lets the file grow by so many pages and no more.</summary>
    public static Task LimitAsync(this SqliteDatabase database, int pages) => database.WriteAsync(
        c =>
        {
            var bound = (long)c.Statement("PRAGMA page_count").ExecuteScalar()! + pages;
            return c.Statement(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {bound}")).ExecuteScalar();
        },
        CancellationToken.None).DefaultTimeout();

    private static List<string> Lines(SqliteCommand statement, int column = 0)
    {
        List<string> lines = [];
        using var rows = statement.ExecuteReader();
        while (rows.Read())
        {
            lines.Add(rows.GetString(column));
        }

        return lines;
    }
}
