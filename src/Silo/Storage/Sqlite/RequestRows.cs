using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable.Logs;
using Switchboard.Core.Requests;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>Represents a request's row.</summary>
/// <param name="Request">The request.</param>
/// <param name="Cost">What the counters count for it, in bytes, the response included.</param>
/// <param name="ResponseCost">The response's share of it.</param>
internal sealed record StoredRequest(LoggedRequest Request, long Cost, long ResponseCost);

/// <summary>Reads and writes the rows of requests.</summary>
internal static class RequestRows
{
    /// <summary>The number of columns that <see cref="Read"/> reads; a statement's own come after them.</summary>
    public const int Columns = 24;

    private static readonly RequestFilter[] _outcomes = [RequestFilter.Answered, RequestFilter.Expired, RequestFilter.Cancelled, RequestFilter.Failed];

    /// <summary>Returns an id as the number that is kept for it: the same 64 bits, signed.</summary>
    public static long Key(ulong id) => unchecked((long)id);

    public static bool IsKnown(this SqliteConnection connection, ulong id) => connection.Statement(RequestSql.IsKnown, ("$id", Key(id))).ExecuteScalar() is not null;

    public static StoredRequest? FindRequest(this SqliteConnection connection, ulong id) =>
        connection.ReadRequests(RequestSql.Find, ("$id", Key(id))) is [var found] ? found : null;

    public static byte[] FindHash(this SqliteConnection connection, ulong id) =>
        connection.Statement(RequestSql.FindHash, ("$id", Key(id))).ExecuteScalar() as byte[] ?? [];

    /// <summary>Reads the rows that a statement finds; their number is the statement's limit at most.</summary>
    public static List<StoredRequest> ReadRequests(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        List<StoredRequest> found = [];
        using var rows = connection.Statement(sql, parameters).ExecuteReader();
        while (rows.Read())
        {
            found.Add(Read(rows));
        }

        return found;
    }

    public static void Insert(this SqliteConnection connection, LoggedRequest request, long cost) => connection.Execute(
        RequestSql.Insert,
        ("$id", Key(request.Id)),
        ("$agent", request.AgentKey),
        ("$number", request.Number),
        ("$method", request.Method),
        ("$watched", request.Watched),
        ("$accepted", request.AcceptedAt.UtcTicks),
        ("$due", request.DueAt.UtcTicks),
        ("$expires", request.ExpiresAt.UtcTicks),
        ("$first", request.FirstMessage.Ticks),
        ("$bytes", request.RequestBytes),
        ("$cost", cost));

    /// <summary>Changes a request's state, with all that goes with it.</summary>
    /// <param name="connection">The writer's.</param>
    /// <param name="stored">The request as it is now.</param>
    /// <param name="forgetAt">When it is forgotten, if it has ended.</param>
    /// <param name="hash">The hash of its response; empty: none.</param>
    public static void Update(this SqliteConnection connection, StoredRequest stored, DateTimeOffset? forgetAt = null, ReadOnlyMemory<byte> hash = default)
    {
        var request = stored.Request;
        connection.Execute(
            RequestSql.Update,
            ("$id", Key(request.Id)),
            ("$state", (int)request.State),
            ("$verdict", (int?)request.Verdict),
            ("$outcome", OutcomeOf(request)),
            ("$sent", request.Sent),
            ("$attempt", request.Attempt),
            ("$session", Key(request.Session)),
            ("$door", request.FrontDoor),
            ("$due", request.DueAt.UtcTicks),
            ("$sentAt", request.SentAt?.UtcTicks),
            ("$firstAt", request.FirstMessageAt?.UtcTicks),
            ("$endedAt", request.EndedAt?.UtcTicks),
            ("$forgetAt", forgetAt?.UtcTicks),
            ("$bytes", request.ResponseBytes),
            ("$status", request.Status),
            ("$cost", stored.Cost),
            ("$responseCost", stored.ResponseCost),
            ("$detail", request.Detail),
            ("$hash", hash.IsEmpty ? null : hash.ToArray()));
    }

    /// <summary>Changes what a part of the response changes.</summary>
    public static void UpdateResponse(this SqliteConnection connection, StoredRequest stored) => connection.Execute(
        RequestSql.UpdateResponse,
        ("$id", Key(stored.Request.Id)),
        ("$firstAt", stored.Request.FirstMessageAt?.UtcTicks),
        ("$bytes", stored.Request.ResponseBytes),
        ("$status", stored.Request.Status),
        ("$cost", stored.Cost),
        ("$responseCost", stored.ResponseCost));

    /// <summary>Reads the row that a reader is at.</summary>
    public static StoredRequest Read(SqliteDataReader row) => new(
        new LoggedRequest
        {
            Id = unchecked((ulong)row.GetInt64(0)),
            AgentKey = row.GetString(1),
            Number = row.GetInt64(2),
            Method = row.GetString(3),
            State = (LoggedState)row.GetByte(4),
            Verdict = row.IsDBNull(5) ? null : (Verdict)row.GetInt32(5),
            Sent = row.GetBoolean(6),
            Watched = row.GetBoolean(7),
            Attempt = checked((uint)row.GetInt64(8)),
            Session = unchecked((ulong)row.GetInt64(9)),
            FrontDoor = checked((ushort)row.GetInt32(10)),
            AcceptedAt = Time(row.GetInt64(11)),
            DueAt = Time(row.GetInt64(12)),
            ExpiresAt = Time(row.GetInt64(13)),
            SentAt = TimeOrNull(row, 14),
            FirstMessageAt = TimeOrNull(row, 15),
            EndedAt = TimeOrNull(row, 16),
            FirstMessage = new TimeSpan(row.GetInt64(17)),
            RequestBytes = row.GetInt64(18),
            ResponseBytes = row.GetInt64(19),
            Status = row.IsDBNull(20) ? null : row.GetInt32(20),
            Detail = row.GetString(21),
        },
        row.GetInt64(22),
        row.GetInt64(23));

    /// <summary>Returns a time of the file.</summary>
    public static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    private static DateTimeOffset? TimeOrNull(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : Time(row.GetInt64(column));

    private static int? OutcomeOf(LoggedRequest request) =>
        request.State == LoggedState.Ended ? (int)Array.Find(_outcomes, filter => LogRules.Takes(filter, request)) : null;
}
