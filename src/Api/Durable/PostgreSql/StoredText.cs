using System.Text;
using System.Text.Json;
using Switchboard.Abstractions.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>Makes texts that PostgreSQL can store. One that it cannot would fail all the writes of its transaction.</summary>
internal static class StoredText
{
    /// <summary>Returns a text for display with what a column of text cannot hold replaced: the character 0, and half of a surrogate pair.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') && !text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }

        var stored = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            stored.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return stored.ToString();
    }

    /// <summary>Returns headers as a JSON array of names and values in turn, which any text fits in.</summary>
    public static byte[] Headers(IReadOnlyList<HeaderLine> headers) =>
        headers.Count == 0 ? [] : JsonSerializer.SerializeToUtf8Bytes(headers.SelectMany(static line => new[] { line.Name, line.Value }));

    /// <summary>Reads what <see cref="Headers(IReadOnlyList{HeaderLine})"/> has made.</summary>
    public static IReadOnlyList<HeaderLine> Headers(byte[] stored) => stored.Length == 0
        ? []
        : [.. JsonSerializer.Deserialize<string[]>(stored)!.Chunk(2).Select(static line => new HeaderLine { Name = line[0], Value = line[1] })];
}
