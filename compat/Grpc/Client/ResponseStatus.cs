using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Grpc.Client;

/// <summary>Reads out of an HTTP response, or out of what went wrong instead, how a call ended.</summary>
internal static class ResponseStatus
{
    /// <summary>How the call ended where the headers tell already: trailers-only, or no gRPC at all. Null: read on.</summary>
    public static Status? FromHeaders(HttpResponseMessage response)
    {
        if (TryRead(response.Headers) is { } status) return status;
        if (response.Version < HttpVersion.Version20)
        {
            return new Status(
                StatusCode.Internal, $"Bad gRPC response. Response protocol downgraded to HTTP/{response.Version.ToString(2)}.");
        }

        if (response.StatusCode != HttpStatusCode.OK)
            return new Status(CodeOf(response.StatusCode), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        if (Value(response.Content.Headers, "Content-Type") is not { } type)
            return new Status(StatusCode.Cancelled, "Bad gRPC response. Response did not have a content-type header.");
        return Wire.IsGrpc(type) ? null : new Status(StatusCode.Cancelled, "Bad gRPC response. Invalid content-type value: " + type);
    }

    /// <summary>How the call ended by a response that was read to its end.</summary>
    public static Status Read(HttpResponseMessage response) =>
        TryRead(response.TrailingHeaders) ?? TryRead(response.Headers)
            ?? new Status(StatusCode.Cancelled, "No grpc-status found on response.");

    /// <summary>Where the trailers are: in the headers of a trailers-only response.</summary>
    public static HttpHeaders TrailersOf(HttpResponseMessage response) =>
        Value(response.Headers, Wire.Status) is null ? response.TrailingHeaders : response.Headers;

    public static string? Encoding(HttpResponseMessage response) => Value(response.Headers, Wire.Encoding);

    public static Metadata ReadMetadata(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (name.ToLowerInvariant() is Wire.Status or Wire.Message or Wire.Encoding or Wire.AcceptEncoding
                or "content-encoding" or "content-type")
            {
                continue;
            }

            foreach (var value in values) Wire.AddReceived(metadata, name, value);
        }

        return metadata;
    }

    /// <summary>What a failure below gRPC means ("HTTP2 Transport Mapping" of the protocol; no connection is UNAVAILABLE).</summary>
    public static StatusCode CodeOf(Exception error)
    {
        var code = StatusCode.Internal;
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException protocol)
            {
                return protocol.ErrorCode switch
                {
                    0x7 => StatusCode.Unavailable, // REFUSED_STREAM
                    0x8 => StatusCode.Cancelled, // CANCEL
                    0xB => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
                    0xC => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
                    _ => StatusCode.Internal,
                };
            }

            if (e is SocketException or IOException) code = StatusCode.Unavailable;
        }

        return code;
    }

    /// <summary>"HTTP to gRPC Status Code Mapping" of the specification.</summary>
    private static StatusCode CodeOf(HttpStatusCode status) => (int)status switch
    {
        400 or 431 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        < 200 => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };

    private static Status? TryRead(HttpHeaders headers)
    {
        if (Value(headers, Wire.Status) is not { } text) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            return new Status(StatusCode.Cancelled, "Unexpected grpc-status value: " + text);
        return new Status((StatusCode)code, Uri.UnescapeDataString(Value(headers, Wire.Message) ?? ""));
    }

    private static string? Value(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
