using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Switchboard.Core.Echo;

/// <summary>Parses the grammar of <c>POST /echo</c>, which docs/echo.md defines: anything else is refused.</summary>
public static class EchoGrammar
{
    private const int ShownLength = 32;

    /// <summary>Parses a command.</summary>
    /// <param name="utf8">The whole body.</param>
    /// <param name="command">The command, if it returns true.</param>
    /// <param name="problem">The error, if it returns false: one line for the client, in the words of docs/echo.md.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> utf8,
        [NotNullWhen(true)] out EchoCommand? command,
        [NotNullWhen(false)] out string? problem)
    {
        command = null;
        problem = ProblemOfBytes(utf8);
        if (problem is not null)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8);
            problem = Read(ref reader, out command);
            if (problem is null && utf8[(int)reader.BytesConsumed..].ContainsAnyExcept(" \t\r\n"u8))
            {
                problem = "something follows the JSON object";
            }
        }
        catch (JsonException malformed)
        {
            var line = malformed.LineNumber.GetValueOrDefault() + 1;
            var column = malformed.BytePositionInLine.GetValueOrDefault() + 1;
            problem = string.Create(CultureInfo.InvariantCulture, $"the body is not JSON: line {line}, byte {column}");
        }
        if (problem is not null)
        {
            command = null;
        }

        return problem is null;
    }

    private static string? ProblemOfBytes(ReadOnlySpan<byte> utf8)
    {
        if (!utf8.ContainsAnyExcept(" \t\r\n"u8))
        {
            return "the body is empty; it must be one JSON object";
        }

        if (utf8.StartsWith("\uFEFF"u8))
        {
            return "the body begins with a byte order mark";
        }

        return Utf8.IsValid(utf8) ? null : "the body is not UTF-8";
    }

    private static string? Read(ref Utf8JsonReader reader, out EchoCommand? command)
    {
        command = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return $"the body is {Named(reader.TokenType)}; it must be one JSON object";
        }

        string? kind = null;
        string? message = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueIsEscaped && !TryGetString(ref reader, out _))
            {
                return "a key holds half of a surrogate pair";
            }

            var isKind = reader.ValueTextEquals("kind"u8);
            if (!isKind && !reader.ValueTextEquals("message"u8))
            {
                return $"unknown key {Shown(reader.GetString()!)}; the keys are \"kind\" and \"message\"";
            }

            var key = isKind ? "kind" : "message";
            if ((isKind ? kind : message) is not null)
            {
                return $"the key \"{key}\" is given twice";
            }

            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                return $"\"{key}\" must be a string; it is {Named(reader.TokenType)}";
            }

            if (!TryGetString(ref reader, out var value))
            {
                return $"\"{key}\" holds half of a surrogate pair";
            }

            if (isKind)
            {
                kind = value;
            }
            else
            {
                message = value;
            }
        }
        if (kind is null)
        {
            return "the key \"kind\" is missing";
        }

        if (kind is not (EchoCommand.Create or EchoCommand.Delete))
        {
            return $"\"kind\" must be \"create\" or \"delete\"; it is {Shown(kind)}";
        }

        command = new EchoCommand { Kind = kind, Message = message ?? string.Empty };
        return null;
    }

    // The reader throws this exception only for a lone `\ud800`, of which it makes no string. All other bytes have been checked before.
    private static bool TryGetString(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? value)
    {
        try
        {
            value = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            value = null;
            return false;
        }
    }

    // The client's text is returned to it quoted and cut, so that neither a line break nor a megabyte of it passes.
    private static string Shown(string text)
    {
        if (text.Length <= ShownLength)
        {
            return GoQuote.Quote(text);
        }

        var cut = char.IsHighSurrogate(text[ShownLength - 1]) ? ShownLength - 1 : ShownLength;
        return GoQuote.Quote(text[..cut]) + "...";
    }

    private static string Named(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
