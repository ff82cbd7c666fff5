using System.Net.Sockets;
using System.Text;

namespace Switchboard.TestSupport;

/// <summary>Bytes to and from a server, as they are.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _tcp = new();
    private NetworkStream? _stream;

    /// <summary>Connects. A server that refuses may reset the connection before the connect is reported: that is one which ended at once.</summary>
    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        var raw = new RawConnection();
        try
        {
            await raw._tcp.ConnectAsync(address.Host, address.Port).DefaultTimeout();
            raw._stream = raw._tcp.GetStream();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            raw._stream = null;
        }

        return raw;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream!.WriteAsync(bytes).DefaultTimeout();

    /// <summary>Says that no more comes (FIN), and can still read.</summary>
    public void Finish() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads until the text is there; what was read so far.</summary>
    public async Task<string> ReadUntilAsync(string text)
        => await ReadAsync(read => read.Contains(text, StringComparison.Ordinal)).DefaultTimeout();

    /// <summary>Reads until the server closes.</summary>
    public async Task<string> ReadToEndAsync() => await ReadAsync(static _ => false).DefaultTimeout();

    public void Dispose() => _tcp.Dispose();

    private async Task<string> ReadAsync(Func<string, bool> enough)
    {
        if (_stream is null)
        {
            return "";
        }

        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _stream.ReadAsync(buffer) is > 0 and var read)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (enough(text.ToString()))
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // Reset: also an end.
        }

        return text.ToString();
    }
}
