using System.Net.Sockets;

namespace Switchboard.Client.Wire;

/// <summary>
/// Tells a connection that was never made from one that broke: only in the first case is it certain that nothing was sent.
/// </summary>
internal static class ConnectFailure
{
    /// <summary>Determines whether an error means that no connection was made.</summary>
    public static bool Is(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            switch (error)
            {
                case HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                        or HttpRequestError.ProxyTunnelError,
                }:
                case SocketException
                {
                    SocketErrorCode: SocketError.ConnectionRefused
                        or SocketError.HostNotFound
                        or SocketError.TryAgain
                        or SocketError.HostUnreachable
                        or SocketError.NetworkUnreachable,
                }:
                    return true;
                default:
                    break;
            }
        }

        return false;
    }
}
