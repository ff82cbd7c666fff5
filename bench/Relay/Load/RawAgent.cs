using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Switchboard.Bench.Servers;
using Switchboard.V1;

namespace Switchboard.Bench.Load;

/// <summary>
/// An agent that only subscribes: one HTTP/2 connection of its own, its frames written by hand. Ten thousand of these cost the load a
/// fraction of what they cost a server, which ten thousand of an HTTP client's connections do not.
/// </summary>
internal sealed class RawAgent : IDisposable
{
    private const int FrameHead = 9;
    private const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, Ping = 6, GoAway = 7;
    private const byte EndStream = 1, Ack = 1, EndHeaders = 4;

    private Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _id;
    private readonly IPEndPoint _server;
    private readonly byte[] _headers;
    private byte[] _input = new byte[512];
    private int _filled;
    private bool _disposed;

    /// <summary>Not connected yet.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="server">The gateway.</param>
    /// <param name="headers">The gateway's <see cref="HeaderBlock"/>.</param>
    public RawAgent(string id, IPEndPoint server, byte[] headers) => (_id, _server, _headers) = (id, server, headers);

    /// <summary>The session that the welcome named.</summary>
    public ulong Session { get; private set; }

    /// <summary>Fails when the connection does; never ends otherwise.</summary>
    public Task Failed => _failed.Task;

    /// <summary>
    /// Connects, subscribes, and returns when the server has said welcome. From then on it answers the server's pings. May be called again
    /// where it has failed.
    /// </summary>
    public async Task ConnectAsync()
    {
        _socket.Dispose();
        (_socket, _filled) = (NewSocket(), 0);
        try
        {
            await _socket.ConnectAsync(_server);
            await SendAsync(Opening(_headers, _id));
            while (Session == 0)
            {
                await ReadAsync();
            }

            _ = StayAsync();
        }
        catch (Exception e) when (e is not BenchFailure)
        {
            throw new BenchFailure($"{_id} could not connect: {e.Message}", e);
        }
    }

    /// <summary>The header block of every subscription at a server: literals and the static table's entries (RFC 7541), so that it can be sent as it is.</summary>
    public static byte[] HeaderBlock(Uri server)
    {
        var block = new ArrayBufferWriter<byte>();
        block.Write<byte>([0x83, 0x86]); // :method POST, :scheme http
        Literal([0x04], "/switchboard.v1.AgentGateway/AgentRequestSubscribe"); // :path
        Literal([0x01], server.Authority); // :authority
        Literal([0x0f, 0x10], GrpcWire.ContentType); // content-type
        Literal([0x00, 0x02, (byte)'t', (byte)'e'], "trailers");
        return block.WrittenSpan.ToArray();

        void Literal(ReadOnlySpan<byte> name, string value)
        {
            block.Write(name);
            block.Write<byte>([(byte)value.Length]);
            block.Write(Encoding.ASCII.GetBytes(value));
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _socket.Dispose();
    }

    /// <summary>All that an agent sends of itself: the preface, its settings, and the call with its one message.</summary>
    private static ReadOnlyMemory<byte> Opening(byte[] headers, string id)
    {
        var message = new ArrayBufferWriter<byte>();
        GrpcWire.Write(message, new SubscriberInfo { AgentId = id });
        var output = new ArrayBufferWriter<byte>(256);
        output.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Frame(output, Settings, flags: 0, stream: 0, []);
        Frame(output, Headers, EndHeaders, stream: 1, headers);
        Frame(output, Data, EndStream, stream: 1, message.WrittenSpan);
        return output.WrittenMemory;
    }

    private static Socket NewSocket() => new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static void Frame(ArrayBufferWriter<byte> output, byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var head = output.GetSpan(FrameHead);
        BinaryPrimitives.WriteInt32BigEndian(head, (payload.Length << 8) | type);
        head[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(head[5..], stream);
        output.Advance(FrameHead);
        output.Write(payload);
    }

    private async Task StayAsync()
    {
        try
        {
            while (true)
            {
                await ReadAsync();
            }
        }
        catch (Exception) when (_disposed)
        {
            // Disposing the socket breaks the read off: that is how it ends.
        }
        catch (Exception failure)
        {
            _failed.TrySetException(failure);
        }
    }

    private async ValueTask ReadAsync()
    {
        if (_filled == _input.Length)
        {
            Array.Resize(ref _input, _input.Length * 2);
        }

        var read = await _socket.ReceiveAsync(_input.AsMemory(_filled), SocketFlags.None);
        if (read == 0)
        {
            throw new BenchFailure($"The server closed the connection of {_id}.");
        }

        _filled += read;
        while (TryTakeFrame(out var answer))
        {
            if (answer is not null)
            {
                await SendAsync(answer);
            }
        }
    }

    /// <summary>Takes one whole frame off the front, and what is to be sent for it.</summary>
    private bool TryTakeFrame(out byte[]? answer)
    {
        answer = null;
        if (_filled < FrameHead)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_input) >>> 8;
        if (_filled < FrameHead + length)
        {
            return false;
        }

        answer = Take(_input[3], _input[4], _input.AsSpan(FrameHead, length));
        _filled -= FrameHead + length;
        Array.Copy(_input, FrameHead + length, _input, 0, _filled);
        return true;
    }

    private byte[]? Take(byte type, byte flags, ReadOnlySpan<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>(FrameHead + 8);
        switch (type)
        {
            case Settings when flags != Ack:
                Frame(output, Settings, Ack, stream: 0, []);
                return output.WrittenSpan.ToArray();
            case Ping when flags != Ack:
                Frame(output, Ping, Ack, stream: 0, payload);
                return output.WrittenSpan.ToArray();
            case Data:
                TakeMessages(payload);
                return null;
            case Headers when (flags & EndStream) == 0:
                return null;
            case Headers or ResetStream or GoAway:
                throw new BenchFailure($"The subscription of {_id} ended: {Printable(payload)}");
            default:
                return null;
        }
    }

    // Servers write the texts of their trailers as they are, so what can be read of the block says why.
    private static string Printable(ReadOnlySpan<byte> payload)
    {
        var text = new StringBuilder();
        foreach (var b in payload)
        {
            text.Append(b is >= 32 and < 127 ? (char)b : ' ');
        }

        return text.ToString();
    }

    // The gateway writes whole messages into a frame; a server that splits them fails the run here.
    private void TakeMessages(ReadOnlySpan<byte> payload)
    {
        var buffer = new ReadOnlySequence<byte>(payload.ToArray());
        while (GrpcWire.TryTake(ref buffer, AgentRequest.Parser, out var message))
        {
            if (message!.Control?.Welcome is { } welcome)
            {
                Session = welcome.SessionId;
            }
            else if (message.Control?.Heartbeat is null)
            {
                throw new BenchFailure($"{_id} was told {message}");
            }
        }

        if (!buffer.IsEmpty)
        {
            throw new BenchFailure($"{_id} got a part of a message.");
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
        }
    }
}
