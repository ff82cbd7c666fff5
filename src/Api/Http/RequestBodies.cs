using System.Buffers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Switchboard.Api.Http;

/// <summary>Reads the bodies of REST calls: whole, within a size, and no slower than a rate (seeds H4, H5).</summary>
internal static class RequestBodies
{
    // As Kestrel's default: 240 bytes a second, counted after 5 s. The server as a whole has none, because of gRPC.
    private static readonly MinDataRate Rate = new(240, TimeSpan.FromSeconds(5));

    /// <summary>
    /// Reads the whole body. Null: it is longer than that, which is found before the rest of it is read. Otherwise the caller uses the
    /// buffer and then calls <see cref="Done"/>.
    /// </summary>
    /// <exception cref="Microsoft.AspNetCore.Http.BadHttpRequestException">
    /// The client broke off, or broke the rules of HTTP, or was too slow.
    /// </exception>
    public static ValueTask<ReadOnlySequence<byte>?> ReadAsync(HttpContext context, long maxBytes)
    {
        if (context.Request.ContentLength > maxBytes)
        {
            return ValueTask.FromResult<ReadOnlySequence<byte>?>(null);
        }

        // A short body has mostly come with its headers.
        if (context.Request.BodyReader.TryRead(out var read))
        {
            if (read.IsCompleted && read.Buffer.Length <= maxBytes)
            {
                return ValueTask.FromResult<ReadOnlySequence<byte>?>(read.Buffer);
            }

            // Handed back before the next read, and not looked at again until there is more.
            context.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        return ReadSlowlyAsync(context, maxBytes);
    }

    /// <summary>The body has been used.</summary>
    public static void Done(HttpContext context, ReadOnlySequence<byte> body) => context.Request.BodyReader.AdvanceTo(body.End);

    private static async ValueTask<ReadOnlySequence<byte>?> ReadSlowlyAsync(HttpContext context, long maxBytes)
    {
        SetRate(context);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > maxBytes)
            {
                // Thrown away, so that nothing of it is held while Kestrel lets the client finish.
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                return read.Buffer;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // On HTTP/2 a missed rate would end the whole connection; there the feature cannot be set to anything but none.
    private static void SetRate(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } feature)
            {
                feature.MinDataRate = Rate;
            }
        }
    }
}
