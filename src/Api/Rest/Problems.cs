using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>
/// Writes a verdict over HTTP: problem details (RFC 9457) with the members <c>reason</c>, <c>retry</c>, <c>sent</c> and <c>requestId</c>.
/// </summary>
internal static class Problems
{
    /// <summary>The content type of problem details.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>The header of every response that belongs to a request.</summary>
    public const string RequestIdHeader = "Request-Id";

    // The details quote a client's text, for people to read: \" rather than \u0022. Nothing here is embedded in HTML.
    private static readonly JsonWriterOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the verdict as the whole response.</summary>
    /// <param name="context">The response's context; its response must not have started.</param>
    /// <param name="verdict">The verdict.</param>
    /// <param name="detail">What happened, for display: names the error, never a payload.</param>
    /// <param name="sent">Whether the request was sent. Null: as the table says; if that is open too, the member is left out.</param>
    /// <param name="id">The request's id; null if it has none yet.</param>
    public static async Task WriteAsync(HttpContext context, Verdict verdict, string detail, bool? sent = null, RequestId? id = null)
    {
        var info = VerdictTable.Get(verdict);
        var response = context.Response;
        response.StatusCode = info.HttpStatus;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (info.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var body = Format(info, detail, sent ?? info.Sent, id);
        if (id is { } requestId)
        {
            response.Headers[RequestIdHeader] = requestId.ToString();
        }

        response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
        }
    }

    private static ArrayBufferWriter<byte> Format(VerdictInfo info, string detail, bool? sent, RequestId? id)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(body, _readable);
        json.WriteStartObject();
        json.WriteString("type"u8, $"urn:switchboard:problem:{info.Reason}");
        json.WriteString("title"u8, info.Title);
        json.WriteNumber("status"u8, info.HttpStatus);
        if (detail.Length > 0)
        {
            json.WriteString("detail"u8, detail);
        }

        json.WriteString("reason"u8, info.Reason);
        json.WriteString("retry"u8, Name(info.Retry));
        if (sent is { } known)
        {
            json.WriteBoolean("sent"u8, known);
        }

        if (id is { } requestId)
        {
            json.WriteString("requestId"u8, requestId.ToString());
        }

        json.WriteEndObject();
        json.Flush();
        return body;
    }

    /// <summary>Returns the name in problem details.</summary>
    internal static string Name(Retry retry) => retry switch
    {
        Retry.Safe => "safe",
        Retry.Never => "never",
        Retry.UnknownOutcome => "unknown-outcome",
        _ => "none",
    };
}
