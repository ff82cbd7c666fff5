using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>The reads of the log of requests, each of one state of the file.</summary>
internal static class RequestReads
{
    public static QueuedRequests ReadQueued(this SqliteConnection connection, string agentKey, int limit, long maxBytes, DateTimeOffset now)
    {
        List<QueuedRequest> found = [];
        var bytes = 0L;
        using (var rows = connection.Statement(RequestSql.Queued, ("$agent", agentKey), ("$now", now.UtcTicks), ("$limit", limit + 1L)).ExecuteReader())
        {
            while (rows.Read())
            {
                // Its length is asked for before its bytes, which may be many and in vain.
                var length = rows.GetInt64(RequestRows.Columns);
                if (found.Count == limit || (found.Count > 0 && bytes + length > maxBytes))
                {
                    // Who is told that more are due comes again, and learns then when the next are.
                    return new QueuedRequests(found, More: true, NextIn: null);
                }

                found.Add(new QueuedRequest(RequestRows.Read(rows).Request, rows.GetFieldValue<byte[]>(RequestRows.Columns + 1)));
                bytes += length;
            }
        }

        var next = connection.Statement(RequestSql.NextDue, ("$agent", agentKey), ("$now", now.UtcTicks)).ExecuteScalar();
        return new QueuedRequests(found, More: false, next is long due ? RequestRows.Time(due) - now : null);
    }

    public static IReadOnlyList<LoggedRequest> ReadClaimed(this SqliteConnection connection, string agentKey, int limit) =>
    [
        .. connection.ReadRequests(RequestSql.ListClaimed, ("$agent", agentKey), ("$after", 0), ("$limit", limit)).Select(static stored => stored.Request),
    ];

    public static RequestPage ReadPage(this SqliteConnection connection, RequestQuery query)
    {
        (string, object?)[] page = [("$agent", query.AgentKey), ("$after", query.After), ("$limit", query.Limit + 1L)];
        var found = query.Filter switch
        {
            RequestFilter.All => connection.ReadRequests(RequestSql.List, page),
            RequestFilter.Queued => connection.ReadRequests(RequestSql.ListQueued, page),
            RequestFilter.Sent => connection.ReadRequests(RequestSql.ListClaimed, page),
            _ => connection.ReadRequests(RequestSql.ListEnded, [.. page, ("$outcome", (int)query.Filter)]),
        };
        var requests = found.Take(query.Limit).Select(static stored => stored.Request).ToList();
        return new RequestPage(requests, found.Count > query.Limit ? requests[^1].Number : null);
    }

    public static ResponsePage? ReadResponse(this SqliteConnection connection, ulong id, int fromChunk, long maxBytes) =>
        connection.FindRequest(id) is { } stored
            ? new ResponsePage(stored.Request, connection.ReadHeaders(id), connection.ReadChunks(id, fromChunk, maxBytes))
            : null;

    public static IReadOnlyList<DueRequest> ReadDue(this SqliteConnection connection, TimeSpan within, int limit, DateTimeOffset now) =>
        ReadAll(
            connection.Statement(RequestSql.Due, ("$until", (now + within).UtcTicks), ("$limit", limit)),
            row => new DueRequest(unchecked((ulong)row.GetInt64(0)), RequestRows.Time(row.GetInt64(1)) - now));

    public static IReadOnlyList<string> ReadWaitingAgents(this SqliteConnection connection, string after, int limit) =>
        ReadAll(connection.Statement(RequestSql.WaitingAgents, ("$after", after), ("$limit", limit + 1L)), static row => row.GetString(0));

    public static IReadOnlyList<ushort> ReadHolders(this SqliteConnection connection) =>
        ReadAll(connection.Statement(RequestSql.Holders), static row => checked((ushort)row.GetInt32(0)));

    private static List<T> ReadAll<T>(SqliteCommand statement, Func<SqliteDataReader, T> read)
    {
        List<T> found = [];
        using var rows = statement.ExecuteReader();
        while (rows.Read())
        {
            found.Add(read(rows));
        }

        return found;
    }
}
