using System.Globalization;
using Microsoft.Data.Sqlite;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// Keeps the state of grains, one row each. The version is the etag: a write or a clear that names another one than the row has is
/// refused, also where it names none and there is a row.
/// </summary>
internal sealed class SqliteGrainStorage(SqliteDatabase database, IGrainStorageSerializer serializer, IActivatorProvider activators) : IGrainStorage
{
    private const string Key = "grain_type = $type AND grain_key = $key AND state_name = $name";

    /// <inheritdoc />
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var row = await database.ReadAsync(connection => Read(connection, stateName, grainId), CancellationToken.None);
        if (row is { } found)
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (serializer.Deserialize<T>(found.Payload), Text(found.Version), true);
        }
        else
        {
            SetNone(grainState);
        }
    }

    /// <inheritdoc />
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // Here, in the grain's turn: on the writer's thread everybody would wait for it.
        var payload = serializer.Serialize(grainState.State).ToArray();
        var expected = Version(grainState.ETag);
        var written = await database.WriteAsync(
            connection => expected is { } version
                ? Update(connection, stateName, grainId, payload, version)
                : Insert(connection, stateName, grainId, payload),
            payload.Length,
            CancellationToken.None);
        (grainState.ETag, grainState.RecordExists) = (Text(written), true);
    }

    /// <inheritdoc />
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var expected = Version(grainState.ETag);
        await database.WriteAsync(connection => Delete(connection, stateName, grainId, expected), CancellationToken.None);
        SetNone(grainState);
    }

    private void SetNone<T>(IGrainState<T> state) =>
        (state.State, state.ETag, state.RecordExists) = (activators.GetActivator<T>().Create(), null, false);

    private static (byte[] Payload, long Version)? Read(SqliteConnection connection, string name, GrainId id)
    {
        using var rows = Statement(connection, $"SELECT payload, version FROM switchboard_grain_state WHERE {Key}", name, id).ExecuteReader();
        return rows.Read() ? (rows.GetFieldValue<byte[]>(0), rows.GetInt64(1)) : null;
    }

    private static long Insert(SqliteConnection connection, string name, GrainId id, byte[] payload)
    {
        // Half of SQLite's random number, so that no number of writes brings it to its end.
        var insert = Statement(
            connection,
            "INSERT INTO switchboard_grain_state (grain_type, grain_key, state_name, version, payload) "
            + "VALUES ($type, $key, $name, random() / 2, $payload) ON CONFLICT DO NOTHING RETURNING version",
            name,
            id);
        insert.Parameters.AddWithValue("$payload", payload);
        return insert.ExecuteScalar() is long version ? version : throw Conflict(connection, name, id, null);
    }

    private static long Update(SqliteConnection connection, string name, GrainId id, byte[] payload, long version)
    {
        var update = Statement(
            connection,
            $"UPDATE switchboard_grain_state SET version = version + 1, payload = $payload WHERE {Key} AND version = $version RETURNING version",
            name,
            id);
        update.Parameters.AddWithValue("$payload", payload);
        update.Parameters.AddWithValue("$version", version);
        return update.ExecuteScalar() is long written ? written : throw Conflict(connection, name, id, version);
    }

    private static bool Delete(SqliteConnection connection, string name, GrainId id, long? version)
    {
        var delete = Statement(connection, $"DELETE FROM switchboard_grain_state WHERE {Key} AND version = $version", name, id);
        delete.Parameters.AddWithValue("$version", version is { } expected ? expected : DBNull.Value);
        // Of a state that was never written there is nothing to clear, which is no conflict.
        return delete.ExecuteNonQuery() > 0 || (version is null && Read(connection, name, id) is null)
            ? true
            : throw Conflict(connection, name, id, version);
    }

    private static InconsistentStateException Conflict(SqliteConnection connection, string name, GrainId id, long? expected)
    {
        var stored = Statement(connection, $"SELECT version FROM switchboard_grain_state WHERE {Key}", name, id).ExecuteScalar() as long?;
        return new($"The state '{name}' of {id} was written by another since it was read.", Text(stored), Text(expected));
    }

    private static SqliteCommand Statement(SqliteConnection connection, string sql, string name, GrainId id) =>
        connection.Statement(sql, ("$type", id.Type.ToString()), ("$key", id.Key.ToString()), ("$name", name));

    private static string? Text(long? version) => version?.ToString(CultureInfo.InvariantCulture);

    private static long? Version(string? etag) => string.IsNullOrEmpty(etag) ? null : long.Parse(etag, CultureInfo.InvariantCulture);
}
