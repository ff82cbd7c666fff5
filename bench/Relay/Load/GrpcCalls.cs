using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Switchboard.Bench.Servers;

namespace Switchboard.Bench.Load;

/// <summary>gRPC calls by hand over HTTP/2 without TLS, so that the load costs little and is the same for every server.</summary>
internal static class GrpcCalls
{
    private static readonly MediaTypeHeaderValue _contentType = new(GrpcWire.ContentType);

    /// <summary>One connection's worth of calls.</summary>
    public static HttpMessageInvoker CreateChannel() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = false,
    });

    /// <summary>A call whose request messages are all there from the start.</summary>
    public static HttpRequestMessage Create(Uri server, string method, ReadOnlyMemory<byte> messages)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "/switchboard.v1.AgentGateway/" + method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(messages),
        };
        request.Content.Headers.ContentType = _contentType;
        request.Headers.TryAddWithoutValidation("te", "trailers");
        return request;
    }

    /// <summary>
    /// The status that a call ended with, once its body has been read: in the trailers, or in the headers where nothing else came.
    /// </summary>
    public static string StatusOf(HttpResponseMessage response)
    {
        if (Find(response, "grpc-status") is not { } status)
        {
            return $"none (HTTP {(int)response.StatusCode})";
        }

        return Find(response, "grpc-message") is { } detail ? $"{status} {detail}" : status;
    }

    /// <summary>A message with its prefix.</summary>
    public static ReadOnlyMemory<byte> Frame(IMessage message)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(message.CalculateSize() + 5);
        GrpcWire.Write(output, message);
        return output.WrittenMemory;
    }

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values)
            ? values.First()
            : null;
}
