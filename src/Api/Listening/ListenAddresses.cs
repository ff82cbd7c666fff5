using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Switchboard.Api.Listening;

/// <summary>Holds the addresses on which the front door listens once it has started, including ports that the system chose.</summary>
internal sealed class ListenAddresses
{
    private ListenOptions? _http;
    private ListenOptions? _grpc;
    private ListenOptions? _https;
    private ListenOptions? _admin;

    /// <summary>The address of REST, HTTP/1.1.</summary>
    public Uri Http => UriOf("http", _http) ?? throw NotYet();

    /// <summary>The address of gRPC, HTTP/2 without TLS.</summary>
    public Uri Grpc => UriOf("http", _grpc) ?? throw NotYet();

    /// <summary>The address of both over TLS; null if there is no certificate.</summary>
    public Uri? Https => UriOf("https", _https);

    /// <summary>The address of dashboard, metrics and health, HTTP/1.1.</summary>
    public Uri Admin => UriOf("http", _admin) ?? throw NotYet();

    internal void SetAdmin(ListenOptions options) => _admin = options;

    internal void SetHttp(ListenOptions options) => _http = options;

    internal void SetGrpc(ListenOptions options) => _grpc = options;

    internal void SetHttps(ListenOptions options) => _https = options;

    // Kestrel writes the bound end point, with its actual port, into the options.
    private static Uri? UriOf(string scheme, ListenOptions? options)
        => options?.IPEndPoint is { } end ? new UriBuilder(scheme, HostOf(end.Address), end.Port).Uri : null;

    private static string HostOf(IPAddress address)
        => address.Equals(IPAddress.Any) ? "127.0.0.1" : address.Equals(IPAddress.IPv6Any) ? "[::1]" : address.ToString();

    private static InvalidOperationException NotYet() => new("The front door does not listen yet.");
}
