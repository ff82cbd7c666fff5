using System.Globalization;
using System.Text;
using Grpc.Core;

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

    /// <summary>RST_STREAM's error code CANCEL (RFC 9113, section 7).</summary>
    public const int ResetCancel = 8;

    public const int DefaultMaxMessageSize = 4 * 1024 * 1024;

    /// <summary>The longest grpc-timeout: eight digits of seconds.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(99_999_999);

    public static readonly Task<bool> True = Task.FromResult(true);
    public static readonly Task<bool> False = Task.FromResult(false);

    /// <summary>"application/grpc", alone or followed by "+format" or ";parameters".</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>A status text as grpc-message wants it: UTF-8, everything but printable ASCII (and the percent sign itself) as %XX.</summary>
    public static string PercentEncode(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !text.Contains('%', StringComparison.Ordinal))
            return text;

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%')
                encoded.Append((char)b);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return encoded.ToString();
    }

    /// <summary>Reads a grpc-timeout: at most eight digits and a unit. False for anything else, and for nothing left.</summary>
    public static bool TryParseTimeout(string? text, out TimeSpan timeout)
    {
        timeout = TimeSpan.Zero;
        if (text is null || text.Length is < 2 or > 10
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        TimeSpan? parsed = text[^1] switch
        {
            'H' => TimeSpan.FromHours(value),
            'M' => TimeSpan.FromMinutes(value),
            'S' => TimeSpan.FromSeconds(value),
            'm' => TimeSpan.FromMilliseconds(value),
            'u' => TimeSpan.FromMicroseconds(value),
            'n' => TimeSpan.FromTicks(value / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
        timeout = parsed.GetValueOrDefault();
        if (timeout > LongestTimeout)
            timeout = LongestTimeout;
        return timeout > TimeSpan.Zero;
    }

    /// <summary>Writes a grpc-timeout in milliseconds, rounded up, or in seconds where eight digits do not suffice.</summary>
    public static string FormatTimeout(TimeSpan timeout)
    {
        var milliseconds = (long)Math.Ceiling(timeout.TotalMilliseconds);
        return milliseconds <= 99_999_999
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}m")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Min((milliseconds + 999) / 1000, 99_999_999)}S");
    }

    /// <summary>Adds a received header; a binary one may hold several values with commas between, with or without padding.</summary>
    public static void AddReceived(Metadata metadata, string key, string value)
    {
        if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(key, value);
            return;
        }

        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
            metadata.Add(key, Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '=')));
    }
}
