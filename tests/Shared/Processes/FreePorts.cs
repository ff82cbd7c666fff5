using System.Net;
using System.Net.Sockets;

namespace Switchboard.TestSupport;

/// <summary>Ports for what cannot be told to choose its own: a silo needs two.</summary>
internal static class FreePorts
{
    private static readonly Lock _gate = new();
    private static readonly HashSet<int> _given = [];

    public static int Next()
    {
        lock (_gate)
        {
            while (true)
            {
                using var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                if (_given.Add(port))
                {
                    return port;
                }
            }
        }
    }
}
