using Npgsql;
using Switchboard.Abstractions.Durable;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Reads requests from the columns of their rows.</summary>
internal static class RequestColumns
{
    /// <summary>The columns that <see cref="Read"/> reads, which come first in a query.</summary>
    public const string All =
        "r.id, r.agent_key, r.number, r.method, r.state, r.verdict, r.sent, r.attempt, r.session, r.front_door, r.accepted_at, r.due_at, r.expires_at, "
        + "r.sent_at, r.first_message_at, r.ended_at, r.first_message_us, r.request_bytes, r.response_bytes, r.status, r.detail, r.watched";

    /// <summary>How many they are.</summary>
    public const int Count = 22;

    public static LoggedRequest Read(NpgsqlDataReader row) => new()
    {
        Id = unchecked((ulong)row.GetInt64(0)),
        AgentKey = row.GetString(1),
        Number = row.GetInt64(2),
        Method = row.GetString(3),
        State = (LoggedState)row.GetInt16(4),
        Verdict = row.IsDBNull(5) ? null : (Verdict)row.GetInt16(5),
        Sent = row.GetBoolean(6),
        Attempt = (uint)row.GetInt64(7),
        Session = unchecked((ulong)row.GetInt64(8)),
        FrontDoor = (ushort)row.GetInt32(9),
        AcceptedAt = row.GetFieldValue<DateTimeOffset>(10),
        DueAt = row.GetFieldValue<DateTimeOffset>(11),
        ExpiresAt = row.GetFieldValue<DateTimeOffset>(12),
        SentAt = TimeOrNull(row, 13),
        FirstMessageAt = TimeOrNull(row, 14),
        EndedAt = TimeOrNull(row, 15),
        FirstMessage = new TimeSpan(row.GetInt64(16) * TimeSpan.TicksPerMicrosecond),
        RequestBytes = row.GetInt64(17),
        ResponseBytes = row.GetInt64(18),
        Status = row.IsDBNull(19) ? null : row.GetInt32(19),
        Detail = row.GetString(20),
        Watched = row.GetBoolean(21),
    };

    private static DateTimeOffset? TimeOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
