using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Api.Peers;

/// <summary>
/// The channels to other front doors, one for each holder of a number; so a front door that was started again under an address of before
/// has another. Those of front doors that are gone are closed once nothing is under way on them.
/// </summary>
internal sealed class PeerConnections(PeerCertificate own) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, PeerConnection> _open = [];

    /// <summary>Takes the channel to a front door, with a call counted in, which <see cref="PeerConnection.Exit"/> counts out.</summary>
    public PeerConnection Enter(FrontDoorLease peer)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(peer.Holder, out var connection))
            {
                _open[peer.Holder] = connection = new PeerConnection(peer, own);
            }

            connection.Enter();
            return connection;
        }
    }

    /// <summary>Closes the channels of all that are not registered any more, and have nothing under way.</summary>
    /// <param name="registered">Who is.</param>
    public void CloseOthers(IEnumerable<FrontDoorLease> registered)
    {
        var holders = registered.Select(static lease => lease.Holder).ToHashSet();
        List<PeerConnection> closed = [];
        lock (_gate)
        {
            foreach (var (holder, connection) in _open)
            {
                if (!holders.Contains(holder) && connection.IsIdle)
                {
                    _open.Remove(holder);
                    closed.Add(connection);
                }
            }
        }

        closed.ForEach(static connection => connection.Dispose());
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var connection in _open.Values)
            {
                connection.Dispose();
            }

            _open.Clear();
        }
    }
}
