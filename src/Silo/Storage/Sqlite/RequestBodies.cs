using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>Reads and writes what is sent of requests, and their responses: all that a change of a request's state leaves where it is.</summary>
internal static class RequestBodies
{
    public static void InsertPayload(this SqliteConnection connection, ulong id, ReadOnlyMemory<byte> payload) =>
        connection.Execute(RequestSql.InsertPayload, ("$id", RequestRows.Key(id)), ("$body", Blob(payload)));

    public static void DeletePayload(this SqliteConnection connection, ulong id) =>
        connection.Execute(RequestSql.DeletePayload, ("$id", RequestRows.Key(id)));

    /// <summary>Adds a part of a response.</summary>
    public static void InsertChunk(this SqliteConnection connection, ResponseChunk chunk)
    {
        if (chunk.Head is { } head)
        {
            connection.Execute(RequestSql.InsertHead, ("$id", RequestRows.Key(chunk.Id)), ("$headers", Text(head.Headers)));
        }

        // A part without bytes is none: a reader would take it for a page without progress.
        if (!chunk.Body.IsEmpty)
        {
            connection.Execute(RequestSql.InsertChunk, ("$id", RequestRows.Key(chunk.Id)), ("$body", Blob(chunk.Body)));
        }
    }

    public static void DeleteResponse(this SqliteConnection connection, ulong id)
    {
        connection.Execute(RequestSql.DeleteHead, ("$id", RequestRows.Key(id)));
        connection.Execute(RequestSql.DeleteChunks, ("$id", RequestRows.Key(id)));
    }

    public static IReadOnlyList<HeaderLine> ReadHeaders(this SqliteConnection connection, ulong id) =>
        connection.Statement(RequestSql.FindHead, ("$id", RequestRows.Key(id))).ExecuteScalar() is string text
            ? [.. JsonSerializer.Deserialize<string[]>(text)!.Chunk(2).Select(static line => new HeaderLine { Name = line[0], Value = line[1] })]
            : [];

    /// <summary>Reads chunks until so many bytes are read, and one in any case.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> ReadChunks(this SqliteConnection connection, ulong id, int from, long maxBytes)
    {
        List<ReadOnlyMemory<byte>> chunks = [];
        var bytes = 0L;
        using var rows = connection.Statement(RequestSql.Chunks, ("$id", RequestRows.Key(id)), ("$from", from)).ExecuteReader();
        while ((chunks.Count == 0 || bytes < maxBytes) && rows.Read())
        {
            var chunk = rows.GetFieldValue<byte[]>(0);
            chunks.Add(chunk);
            bytes += chunk.Length;
        }

        return chunks;
    }

    private static string Text(IReadOnlyList<HeaderLine> headers) =>
        JsonSerializer.Serialize<string[]>([.. headers.SelectMany(static line => new[] { line.Name, line.Value })]);

    // The driver takes whole arrays. What comes from the wire mostly is one.
    private static byte[] Blob(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array && array.Length == bytes.Length ? array : bytes.ToArray();
}
