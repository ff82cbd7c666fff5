using System.Net;
using System.Net.Http.Headers;

namespace Grpc.Client;

/// <summary>Makes the HTTP request of a call.</summary>
internal static class RequestMessage
{
    public static HttpRequestMessage Create(Uri uri, Metadata? metadata, TimeSpan? timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("User-Agent", "grpc-dotnet-switchboard-compat");

        // Servers refuse a call without it: it says that we can read trailers.
        headers.TryAddWithoutValidation("TE", "trailers");
        headers.TryAddWithoutValidation(Wire.AcceptEncoding, Wire.Encodings);
        foreach (var entry in metadata ?? Metadata.Empty)
        {
            // The deadline alone says how long a call may last.
            if (entry.Key != Wire.Timeout) headers.TryAddWithoutValidation(entry.Key, entry.WireValue);
        }

        if (timeout is { } left)
            headers.TryAddWithoutValidation(Wire.Timeout, Wire.FormatTimeout(left < Wire.LongestTimeout ? left : Wire.LongestTimeout));
        return request;
    }
}

/// <summary>A request's body, written by a function; it ends when that returns.</summary>
internal sealed class RequestContent : HttpContent
{
    private static readonly MediaTypeHeaderValue ContentType = new(Wire.ContentType);
    private readonly Func<Stream, Task> _write;

    public RequestContent(Func<Stream, Task> write)
    {
        _write = write;
        Headers.ContentType = ContentType;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _write(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
