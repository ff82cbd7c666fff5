using System.Net;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Switchboard.Api.Hosting;
using Switchboard.Api.Peers;

namespace Switchboard.Api.Listening;

/// <summary>Configures Kestrel's end points and limits.</summary>
internal sealed class KestrelSetup(IOptions<ListeningOptions> listen, ListenAddresses addresses, PeerEndpoint peers)
    : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>
    /// The window of one HTTP/2 stream, in bytes. HTTP/2 gives a connection one shared window; with Kestrel's defaults (768 KiB and 1 MiB)
    /// two responses whose callers stopped reading stop every other response of that agent.
    /// </summary>
    public const int StreamWindowBytes = 128 * 1024;

    public void Configure(KestrelServerOptions options)
    {
        if (listen.ValueIfRight() is not { } settings)
        {
            return;
        }

        options.AddServerHeader = false;

        // An agent's header values are UTF-8 in the message, and stay so (RFC 9110, 5.5: obs-text). Kestrel's default refuses to write
        // them.
        options.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
        SetLimits(options.Limits, settings);
        var gate = options.ApplicationServices.GetRequiredService<ConnectionGate>();
        var address = IPAddress.Parse(settings.Address);
        options.Listen(address, settings.HttpPort, end =>
        {
            end.Protocols = HttpProtocols.Http1;
            end.Use(gate.Guard);
            addresses.SetHttp(end);
        });
        options.Listen(address, settings.GrpcPort, end =>
        {
            end.Protocols = HttpProtocols.Http2;
            end.Use(gate.Guard);
            addresses.SetGrpc(end);
        });

        // Not counted by the gate: an operator can reach the gateway while it is full.
        options.Listen(IPAddress.Parse(settings.AdminAddress), settings.AdminPort, end =>
        {
            end.Protocols = HttpProtocols.Http1;
            addresses.SetAdmin(end);
        });
        // Not counted by the gate either: a flood of callers must not part the front doors.
        peers.Listen(options);
        if (settings.CertificatePath.Length > 0)
        {
            options.Listen(address, settings.HttpsPort, end =>
            {
                end.Protocols = HttpProtocols.Http1AndHttp2;
                end.Use(gate.Guard);
                end.UseHttps(settings.LoadCertificate());
                addresses.SetHttps(end);
            });
        }
    }

    private static void SetLimits(KestrelServerLimits limits, ListeningOptions settings)
    {
        limits.RequestHeadersTimeout = settings.RequestHeadersTimeout;
        limits.KeepAliveTimeout = settings.KeepAliveTimeout;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.MaxStreamsPerConnection = settings.StreamsPerConnection;
        limits.Http2.InitialConnectionWindowSize = (int)Math.Min(int.MaxValue, (long)settings.StreamsPerConnection * StreamWindowBytes);
        limits.Http2.KeepAlivePingDelay = settings.KeepAlivePing;
        limits.Http2.KeepAlivePingTimeout = settings.KeepAlivePing;

        // No rates and no size here: on HTTP/2 a missed rate ends the whole connection, with every stream of an agent that was only
        // working. REST bodies have a rate and a size of their own (Rest/RequestBodies).
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
    }
}
