using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>Keeps reminders, one row each. The version is the etag; setting a reminder again asks for none, as Orleans has it.</summary>
internal sealed class SqliteReminderTable(SqliteDatabase database) : IReminderTable
{
    private const string Columns = "SELECT grain_id, name, start_at, period, version FROM switchboard_reminder WHERE ";

    /// <inheritdoc />
    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        RowsAsync(connection => connection.Statement(Columns + "grain_id = $id", ("$id", grainId.ToString())));

    /// <inheritdoc />
    public Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        // Behind the one up to the other; where the range goes over the ring's end, and of equal ends all.
        var within = begin < end ? "grain_hash > $begin AND grain_hash <= $end" : "(grain_hash > $begin OR grain_hash <= $end)";
        return RowsAsync(connection => connection.Statement(Columns + within, ("$begin", begin), ("$end", end)));
    }

    /// <inheritdoc />
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await RowsAsync(connection =>
            connection.Statement(Columns + "grain_id = $id AND name = $name", ("$id", grainId.ToString()), ("$name", reminderName)))).Reminders.SingleOrDefault();

    /// <inheritdoc />
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var (id, hash, name, start, period) =
            (entry.GrainId.ToString(), entry.GrainId.GetUniformHashCode(), entry.ReminderName, Utc(entry.StartAt).Ticks, entry.Period.Ticks);
        var version = await database.WriteAsync(
            connection => (long)connection.Statement(
                "INSERT INTO switchboard_reminder (grain_id, name, grain_hash, start_at, period, version) "
                + "VALUES ($id, $name, $hash, $start, $period, random() / 2) "
                + "ON CONFLICT DO UPDATE SET start_at = $start, period = $period, version = version + 1 RETURNING version",
                ("$id", id),
                ("$name", name),
                ("$hash", hash),
                ("$start", start),
                ("$period", period)).ExecuteScalar()!,
            CancellationToken.None);
        return version.ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc />
    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => database.WriteAsync(
        connection => connection.Execute(
            "DELETE FROM switchboard_reminder WHERE grain_id = $id AND name = $name AND version = $version",
            ("$id", grainId.ToString()),
            ("$name", reminderName),
            ("$version", long.Parse(eTag, CultureInfo.InvariantCulture))) > 0,
        CancellationToken.None);

    /// <inheritdoc />
    public Task TestOnlyClearTable() =>
        database.WriteAsync(connection => connection.Execute("DELETE FROM switchboard_reminder"), CancellationToken.None);

    private async Task<ReminderTableData> RowsAsync(Func<SqliteConnection, SqliteCommand> statement) =>
        new(await database.ReadAsync(
            connection =>
            {
                List<ReminderEntry> found = [];
                using var rows = statement(connection).ExecuteReader();
                while (rows.Read())
                {
                    found.Add(Entry(rows));
                }

                return found;
            },
            CancellationToken.None));

    private static ReminderEntry Entry(SqliteDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(0), CultureInfo.InvariantCulture),
        ReminderName = row.GetString(1),
        StartAt = new DateTime(row.GetInt64(2), DateTimeKind.Utc),
        Period = TimeSpan.FromTicks(row.GetInt64(3)),
        ETag = row.GetInt64(4).ToString(CultureInfo.InvariantCulture),
    };

    // Orleans gives times of UTC that do not always say so.
    private static DateTime Utc(DateTime time) =>
        time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc);
}
