using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Hosting;

namespace Switchboard.Api.Peers;

/// <summary>The port for other front doors: gRPC over mutual TLS, where there is a cluster.</summary>
internal sealed class PeerEndpoint(IOptions<PeerOptions> options, IOptions<FrontDoorOptions> frontDoor, PeerCertificate certificate) : IPeerEndpoint
{
    private ListenOptions? _listens;

    public string Address => Port is { } port && port != 0 ? new IPEndPoint(At, port).ToString() : "";

    public string Certificate => IsOpen ? certificate.Sha256 : "";

    public int Protocol => PeerMetadata.Version;

    public int ProtocolLeast => PeerMetadata.Least;

    /// <summary>Gets whether there is a cluster, and so a port.</summary>
    public bool IsOpen => frontDoor.ValueIfRight() is { Cluster: true };

    private IPAddress At => options.ValueIfRight()?.Endpoint ?? IPAddress.Loopback;

    // The port that the system chose is known once Kestrel listens.
    private int? Port => IsOpen ? _listens?.IPEndPoint?.Port ?? options.ValueIfRight()?.Port : null;

    /// <summary>Has Kestrel listen, where there is a cluster.</summary>
    public void Listen(KestrelServerOptions server)
    {
        if (!IsOpen || options.ValueIfRight() is not { } settings)
        {
            return;
        }

        server.Listen(At, settings.Port, end =>
        {
            end.Protocols = HttpProtocols.Http2;
            end.UseHttps(https =>
            {
                https.ServerCertificate = certificate.Certificate;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                // Whose certificate it is, PeerPort asks, which may wait for the registry.
                https.AllowAnyClientCertificate();
            });
            _listens = end;
        });
    }

    /// <summary>Says whether a connection came to this port.</summary>
    public bool IsOf(ConnectionInfo connection) => _listens?.IPEndPoint is { } end && connection.LocalPort == end.Port;
}
