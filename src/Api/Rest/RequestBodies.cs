using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Switchboard.Api.Time;
using Switchboard.Core.Admission;

namespace Switchboard.Api.Rest;

/// <summary>Specifies the outcome of reading a body.</summary>
internal enum BodyOutcome
{
    /// <summary>It was read.</summary>
    Read,

    /// <summary>It is longer than allowed.</summary>
    TooLong,

    /// <summary>The process holds as many bytes as it may.</summary>
    NoRoom,
}

/// <summary>Represents a body that was read, or why not.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Bytes">The body, if it was read.</param>
/// <param name="Held">The bytes acquired for it, until <see cref="RequestBodies.Done"/>.</param>
internal readonly record struct BodyRead(BodyOutcome Outcome, ReadOnlySequence<byte> Bytes = default, long Held = 0);

/// <summary>
/// Reads the bodies of REST calls: completely, within a size, no slower than a rate and without long pauses (seeds H4, H5).
/// </summary>
internal static class RequestBodies
{
    // As Kestrel's default: 240 bytes a second, counted after 5 s. The server as a whole has none, because of gRPC.
    private static readonly MinDataRate _rate = new(240, TimeSpan.FromSeconds(5));

    // In addition to the rate, which is an average: a client that has sent 1 MiB could then be silent for an hour, while its bytes are
    // held.
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Reads the whole body. A body that is too long, or more than the process may hold, is rejected before the rest of it is read. After a
    /// successful read, the caller uses it and then calls <see cref="Done"/>.
    /// </summary>
    /// <exception cref="Microsoft.AspNetCore.Http.BadHttpRequestException">
    /// The client broke off, or broke the rules of HTTP, or was too slow.
    /// </exception>
    public static ValueTask<BodyRead> ReadAsync(HttpContext context, long maxBytes, ByteBudget budget)
    {
        if (context.Request.ContentLength > maxBytes)
        {
            return ValueTask.FromResult(new BodyRead(BodyOutcome.TooLong));
        }

        // Before the first read of the body, at which Kestrel takes the rate; one that is set later has no effect.
        SetRate(context);

        // A short body has usually arrived with its headers: it lies in the connection's buffer, and is not counted.
        if (context.Request.BodyReader.TryRead(out var read))
        {
            if (read.IsCompleted && read.Buffer.Length <= maxBytes)
            {
                return ValueTask.FromResult(new BodyRead(BodyOutcome.Read, read.Buffer));
            }

            // Handed back before the next read, and not examined again until there is more.
            context.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        return ReadSlowlyAsync(context, maxBytes, budget);
    }

    /// <summary>Releases a body that has been used.</summary>
    public static void Done(HttpContext context, in BodyRead body, ByteBudget budget)
    {
        context.Request.BodyReader.AdvanceTo(body.Bytes.End);
        budget.Release(body.Held);
    }

    private static async ValueTask<BodyRead> ReadSlowlyAsync(HttpContext context, long maxBytes, ByteBudget budget)
    {
        var reader = context.Request.BodyReader;
        var held = 0L;
        var time = context.RequestServices.GetRequiredService<GatewayClock>().Time;
        await using var pause = time.CreateTimer(
            static reader => ((PipeReader)reader!).CancelPendingRead(), reader, _longestPause, Timeout.InfiniteTimeSpan);
        try
        {
            while (true)
            {
                pause.Change(_longestPause, Timeout.InfiniteTimeSpan);
                var read = await reader.ReadAsync(context.RequestAborted);
                if (read.IsCanceled)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    throw new Microsoft.AspNetCore.Http.BadHttpRequestException(
                        $"Nothing of the body came for {_longestPause.TotalSeconds} s.", StatusCodes.Status408RequestTimeout);
                }

                var more = read.Buffer.Length - held;
                if (read.Buffer.Length > maxBytes || !budget.TryAcquirePart(more))
                {
                    // Dropped, so that nothing of it is held while Kestrel lets the client finish.
                    var outcome = read.Buffer.Length > maxBytes ? BodyOutcome.TooLong : BodyOutcome.NoRoom;
                    reader.AdvanceTo(read.Buffer.End);
                    return new BodyRead(outcome);
                }

                held += more;
                if (read.IsCompleted)
                {
                    var body = new BodyRead(BodyOutcome.Read, read.Buffer, held);
                    held = 0;
                    return body;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        finally
        {
            budget.Release(held);
        }
    }

    // On HTTP/2 a missed rate would end the whole connection; there the feature can be set to null only.
    private static void SetRate(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } feature)
            {
                feature.MinDataRate = _rate;
            }
        }
    }
}
