using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Switchboard.Bench.Load;

/// <summary>
/// A keep-alive HTTP/1.1 connection, one request at a time, as lean as it can be: what the load costs is taken from the two
/// cores that the server runs on, and makes every server look the same.
/// </summary>
internal sealed class Http1Connection : IDisposable
{
    private const int MostBytes = 8 << 20;

    private readonly Socket _socket;
    private byte[] _input = new byte[8 << 10];
    private byte[] _body = new byte[4 << 10];
    private int _filled;

    private Http1Connection(Socket socket) => _socket = socket;

    /// <summary>The last answer's status.</summary>
    public int Status { get; private set; }

    /// <summary>The last answer's body, good until the next exchange.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    public static async Task<Http1Connection> ConnectAsync(Uri server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(server.Host), server.Port));
        return new Http1Connection(socket);
    }

    /// <summary>Sends a whole request and reads the whole answer.</summary>
    public async ValueTask ExchangeAsync(ReadOnlyMemory<byte> request)
    {
        while (!request.IsEmpty)
        {
            request = request[await _socket.SendAsync(request, SocketFlags.None)..];
        }

        _filled = 0;
        do
        {
            if (_filled == _input.Length)
            {
                Grow();
            }

            var read = await _socket.ReceiveAsync(_input.AsMemory(_filled), SocketFlags.None);
            if (read == 0)
            {
                throw new BenchFailure("The server closed the connection within an answer.");
            }

            _filled += read;
        }
        while (!TryParse(_input.AsSpan(0, _filled)));
    }

    public void Dispose() => _socket.Dispose();

    private void Grow()
    {
        if (_input.Length >= MostBytes)
        {
            throw new BenchFailure("An answer is too long.");
        }

        Array.Resize(ref _input, _input.Length * 2);
    }

    private bool TryParse(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var head = input[..(end + 2)];
        var rest = input[(end + 4)..];
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..12], out int status, out _))
        {
            throw new BenchFailure("No HTTP/1.1 answer.");
        }

        Status = status;
        if (TryFind(head, "\r\ncontent-length: "u8, "\r\nContent-Length: "u8, out var length))
        {
            if (!Utf8Parser.TryParse(length, out int bytes, out _))
            {
                throw new BenchFailure("A length that is no number.");
            }

            if (rest.Length < bytes)
            {
                return false;
            }

            if (rest.Length > bytes)
            {
                throw new BenchFailure("More came than the answer is long.");
            }

            Body = _input.AsMemory(end + 4, bytes);
            return true;
        }

        if (TryFind(head, "\r\ntransfer-encoding: chunked"u8, "\r\nTransfer-Encoding: chunked"u8, out _))
        {
            return TryParseChunks(rest);
        }

        throw new BenchFailure("An answer without a length.");
    }

    private bool TryParseChunks(ReadOnlySpan<byte> rest)
    {
        var length = 0;
        while (true)
        {
            var line = rest.IndexOf("\r\n"u8);
            if (line < 0)
            {
                return false;
            }

            if (!Utf8Parser.TryParse(rest[..line], out int chunk, out _, 'x'))
            {
                throw new BenchFailure("A chunk without a length.");
            }

            if (rest.Length < line + 2 + chunk + 2)
            {
                return false;
            }

            if (chunk == 0)
            {
                if (rest.Length > line + 4)
                {
                    throw new BenchFailure("More came than the answer is long.");
                }

                Body = _body.AsMemory(0, length);
                return true;
            }

            if (_body.Length < length + chunk)
            {
                Array.Resize(ref _body, Math.Max(_body.Length * 2, length + chunk));
            }

            rest.Slice(line + 2, chunk).CopyTo(_body.AsSpan(length));
            length += chunk;
            rest = rest[(line + 2 + chunk + 2)..];
        }
    }

    /// <summary>The value after a header's name, in either of the two spellings that servers use.</summary>
    private static bool TryFind(ReadOnlySpan<byte> head, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, out ReadOnlySpan<byte> value)
    {
        value = default;
        var at = head.IndexOf(upper);
        if (at < 0)
        {
            at = head.IndexOf(lower);
        }

        if (at < 0)
        {
            return false;
        }

        value = head[(at + upper.Length)..];
        return true;
    }
}
