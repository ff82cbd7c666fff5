using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Switchboard.Api.Hosting;

/// <summary>
/// Answers a client that has come to the wrong port in a way that it can show: gRPC on the REST port, HTTP/1.1 on the gRPC port.
/// Looks at the first bytes of a connection and takes none of them.
/// </summary>
internal sealed class WrongProtocol(ConnectionDelegate next, WrongProtocol.Port port, ListenAddresses addresses)
{
    // RFC 9113, 3.4: every HTTP/2 connection begins with "PRI * HTTP/2.0"; no HTTP/1 method is PRI.
    private static ReadOnlySpan<byte> Preface => "PRI "u8;

    public enum Port
    {
        Rest,
        Grpc,
    }

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var isHttp2 = await PeekAsync(connection);
        if (isHttp2 is null)
        {
            return;
        }

        if (port == Port.Rest)
        {
            connection.Features.Get<ConnectionGate.FirstRequest>()?.Seen();
        }

        if (isHttp2 == (port == Port.Grpc))
        {
            await next(connection);
            return;
        }

        var words = port == Port.Grpc
            ? $"This port speaks gRPC (HTTP/2 without TLS). REST is at {addresses.Http}"
            : $"This port speaks REST (HTTP/1.1). gRPC is at {addresses.Grpc}";
        connection.Transport.Output.Write(port == Port.Grpc ? Http1Answer(words) : GoAway(words));
        try
        {
            await connection.Transport.Output.FlushAsync(connection.ConnectionClosed);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It did not wait for the answer. Left to Kestrel, this is an unhandled exception in its log.
        }
    }

    // Null: the client said nothing. Kestrel closes idle connections when it stops, but only such as it has begun with; until then it is
    // done here. The same signal ends it where the first request does not come (ConnectionGate).
    private static async Task<bool?> PeekAsync(ConnectionContext connection)
    {
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        try
        {
            return await PeekAsync(connection.Transport.Input, closing);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private static async Task<bool?> PeekAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.Length > 0 && Matches(buffer) is { } isHttp2)
            {
                // Nothing examined, so that Kestrel's first read gets these bytes at once.
                input.AdvanceTo(buffer.Start, buffer.Start);
                return isHttp2;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || read.IsCanceled)
            {
                return null;
            }
        }
    }

    private static bool? Matches(ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[4];
        var length = (int)Math.Min(start.Length, buffer.Length);
        buffer.Slice(0, length).CopyTo(start);
        if (!start[..length].SequenceEqual(Preface[..length]))
        {
            return false;
        }

        return length == Preface.Length ? true : null;
    }

    private static byte[] Http1Answer(string words) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 421 Misdirected Request\r\nContent-Type: text/plain\r\nContent-Length: {words.Length + 1}\r\n"
        + $"Connection: close\r\n\r\n{words}\n");

    // RFC 9113: an empty SETTINGS frame (6.5), then GOAWAY (6.8) with HTTP_1_1_REQUIRED (0xd) and the words as debug data, which
    // gRPC clients show.
    private static byte[] GoAway(string words)
    {
        var debug = Encoding.ASCII.GetBytes(words);
        byte[] settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        byte[] head = [0, (byte)((debug.Length + 8) >> 8), (byte)(debug.Length + 8), 7, 0, 0, 0, 0, 0];
        byte[] body = [0, 0, 0, 0, 0, 0, 0, 0x0d];
        return [.. settings, .. head, .. body, .. debug];
    }
}
