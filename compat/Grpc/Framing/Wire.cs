using System.Globalization;
using System.Text;

namespace Grpc.Framing;

/// <summary>Names and encodings of the protocol ("gRPC over HTTP/2").</summary>
internal static class Wire
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";
    public const string Encodings = "identity,gzip,deflate";

    /// <summary>RST_STREAM's error code CANCEL (RFC 9113, section 7).</summary>
    public const int ResetCancel = 8;
    public const int DefaultMaxMessageSize = 4 * 1024 * 1024;

    /// <summary>The longest grpc-timeout: eight digits of seconds.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(99_999_999);

    /// <summary>A timer takes no more than 49 days; a longer wait is made of several.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    /// <summary>"application/grpc", alone or followed by "+format" or ";parameters".</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) == true
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>A status text as grpc-message wants it: UTF-8, everything but printable ASCII, and the percent sign, as %XX.</summary>
    public static string PercentEncode(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !text.Contains('%', StringComparison.Ordinal)) return text;
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%') encoded.Append((char)b);
            else encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return encoded.ToString();
    }

    /// <summary>Reads a grpc-timeout: at most eight digits and a unit. False for anything else, and for nothing left.</summary>
    public static bool TryParseTimeout(string? text, out TimeSpan timeout)
    {
        timeout = TimeSpan.Zero;
        if (text is not { Length: >= 2 and <= 9 }
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return false;
        timeout = text[^1] switch
        {
            'H' => TimeSpan.FromHours(value),
            'M' => TimeSpan.FromMinutes(value),
            'S' => TimeSpan.FromSeconds(value),
            'm' => TimeSpan.FromMilliseconds(value),
            'u' => TimeSpan.FromMicroseconds(value),
            'n' => TimeSpan.FromTicks(value / TimeSpan.NanosecondsPerTick),
            _ => TimeSpan.Zero,
        };
        if (timeout > LongestTimeout) timeout = LongestTimeout;
        return timeout > TimeSpan.Zero;
    }

    /// <summary>Writes a grpc-timeout in milliseconds, rounded up, or in seconds where eight digits do not suffice.</summary>
    public static string FormatTimeout(TimeSpan timeout)
    {
        var milliseconds = (long)Math.Ceiling(Math.Max(timeout.TotalMilliseconds, 1));
        var (value, unit) = milliseconds <= 99_999_999 ? (milliseconds, 'm') : (Math.Min((milliseconds + 999) / 1000, 99_999_999), 'S');
        return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
    }

    /// <summary>Adds a received header; a binary one may hold several values with commas between, with or without padding.</summary>
    public static void AddReceived(Metadata metadata, string key, string value)
    {
        if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase)) metadata.Add(key, value);
        else foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
            metadata.Add(key, Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '=')));
    }

    /// <summary>Type and message of an exception and of all inside it: a status has no inner exception.</summary>
    public static string Describe(Exception error) =>
        $"{error.GetType().Name}: {error.Message}" + (error.InnerException is { } inner ? " " + Describe(inner) : "");
}
