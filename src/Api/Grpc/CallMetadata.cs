using System.Globalization;
using Grpc.Core;
using Microsoft.Net.Http.Headers;
using Switchboard.Api.Telemetry;

namespace Switchboard.Api.Grpc;

/// <summary>Reads the metadata of callers and agents. From the HTTP request itself: gRPC's own list would copy every header.</summary>
internal static class CallMetadata
{
    public const string RequestId = "request-id";
    public const string SessionId = "session-id";

    /// <summary>Returns the header's value; null if it is absent or empty.</summary>
    public static string? Read(ServerCallContext context, string name)
    {
        var values = context.GetHttpContext().Request.Headers[name];
        return values.Count > 0 && !string.IsNullOrEmpty(values[0]) ? values[0] : null;
    }

    /// <summary>Returns the trace that the call belongs to.</summary>
    public static TraceContext Trace(ServerCallContext context) => TraceContext.Read(context.GetHttpContext().Request.Headers);

    /// <summary>
    /// Returns the time left of the caller's own deadline, as <c>grpc-timeout</c> gave it at arrival; null if it has none.
    /// </summary>
    public static TimeSpan? CallerDeadlineLeft(ServerCallContext context) =>
        Read(context, HeaderNames.GrpcTimeout) is { } text ? ParseTimeout(text) : null;

    /// <summary>Parses a timeout of gRPC over HTTP/2: at most eight digits and a unit. Any other text is no deadline, as in gRPC.</summary>
    internal static TimeSpan? ParseTimeout(string text)
    {
        if (text.Length is < 2 or > 9
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n))
        {
            return null;
        }
        return text[^1] switch
        {
            'H' => TimeSpan.FromHours(n),
            'M' => TimeSpan.FromMinutes(n),
            'S' => TimeSpan.FromSeconds(n),
            'm' => TimeSpan.FromMilliseconds(n),
            'u' => TimeSpan.FromMicroseconds(n),
            'n' => TimeSpan.FromTicks(n / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
    }
}
