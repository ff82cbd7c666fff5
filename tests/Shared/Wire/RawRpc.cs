using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Switchboard.TestSupport;

/// <summary>How a call ended that no gRPC library made.</summary>
/// <param name="Http">The status of HTTP.</param>
/// <param name="Status">That of gRPC; null: there was none.</param>
/// <param name="Detail">Its words.</param>
/// <param name="Reason">The gateway's verdict, where it gave one.</param>
internal sealed record RpcEnd(HttpStatusCode Http, StatusCode? Status, string Detail, string? Reason);

/// <summary>gRPC calls by hand, over HttpClient's HTTP/2.</summary>
internal static class RawRpc
{
    /// <summary>A message as it goes over the wire.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> content, byte flag = 0, uint? length = null)
    {
        byte[] frame = [flag, 0, 0, 0, 0, .. content];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)content.Length);
        return frame;
    }

    /// <summary>Sends those bytes as a whole request, and waits for how it ends.</summary>
    public static async Task<RpcEnd> CallAsync(
        HttpClient client, string rpc, byte[] body, string contentType = "application/grpc", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(rpc, UriKind.Relative))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request).DefaultTimeout();
        string? Find(string name)
        {
            var found = response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values);
            return found ? values!.First() : null;
        }

        var status = Find("grpc-status") is { } text ? (StatusCode)int.Parse(text, CultureInfo.InvariantCulture) : (StatusCode?)null;
        return new RpcEnd(response.StatusCode, status, Uri.UnescapeDataString(Find("grpc-message") ?? ""), Find("switchboard-reason"));
    }
}
