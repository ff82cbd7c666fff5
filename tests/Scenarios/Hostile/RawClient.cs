using System.Net.Sockets;
using System.Text;

namespace Switchboard.Scenarios.Hostile;

/// <summary>A connection by hand.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static async Task<RawClient> ConnectAsync(Uri to)
    {
        var client = new RawClient();
        try
        {
            await client._socket.ConnectAsync(to.Host, to.Port);
        }
        catch (SocketException)
        {
            // Refused at the door: it is over, and says so.
        }

        return client;
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Whether the other side has closed it. What that has said before is thrown away.</summary>
    public bool IsOver()
    {
        try
        {
            Span<byte> said = stackalloc byte[1024];
            while (_socket.Connected && _socket.Poll(0, SelectMode.SelectRead))
            {
                if (_socket.Receive(said) == 0)
                {
                    return true;
                }
            }

            return !_socket.Connected;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        // With a reset, as of a process that was killed.
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }
}
