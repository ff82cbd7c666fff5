using System.Net;
using Microsoft.Extensions.Options;
using Switchboard.Api.Grpc;
using Switchboard.Api.Rest;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Listening;

/// <summary>
/// Refuses requests whose host name is not the gateway's. Without that, a page in a browser reaches a gateway on loopback: its own name is
/// made to resolve to 127.0.0.1 after it was loaded, and the browser takes both for one origin (DNS rebinding).
/// </summary>
internal sealed class HostNames
{
    private const string Any = "*";
    private readonly string[]? _names;
    private readonly bool _any;

    public HostNames(IOptions<ListeningOptions> listen)
    {
        var settings = listen.Value;
        _any = settings.Hosts.Count > 0 ? settings.Hosts.Contains(Any) : !IsLoopback(settings.Address);
        _names = settings.Hosts.Count > 0 ? [.. settings.Hosts] : null;
    }

    /// <summary>Returns whether a <c>Host</c> or <c>:authority</c>, with its port, is allowed. HTTP/1.0 may have none.</summary>
    public bool Allows(ReadOnlySpan<char> host)
    {
        if (_any || host.IsEmpty)
        {
            return true;
        }

        var name = WithoutPort(host);
        if (_names is null)
        {
            return IsLocal(name);
        }

        foreach (var own in _names)
        {
            if (name.Equals(own, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    // RFC 6761, 6.3: names below localhost are loopback, whatever a resolver says.
    private static bool IsLocal(ReadOnlySpan<char> name) => name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));

    // An IPv6 address is in brackets: [::1]:8080.
    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        if (host[0] == '[')
        {
            var end = host.IndexOf(']');
            return end < 0 ? host : host[1..end];
        }

        var colon = host.LastIndexOf(':');
        return colon < 0 ? host : host[..colon];
    }

    private static bool IsLoopback(string address) => IPAddress.TryParse(address, out var parsed) && IPAddress.IsLoopback(parsed);
}

/// <summary>Adds <see cref="HostNames"/> before all other middleware that responds.</summary>
internal static class HostNamesExtensions
{
    public static void UseHostNames(this WebApplication app)
    {
        var names = app.Services.GetRequiredService<HostNames>();
        app.Use(next => context => names.Allows(context.Request.Host.Value) ? next(context) : RefuseAsync(context));
    }

    private static Task RefuseAsync(HttpContext context)
    {
        const string Detail = "The gateway is not called by that name; Switchboard:Listen:Hosts lists those that it has.";
        return GrpcError.IsGrpc(context.Request)
            ? GrpcError.Of(Verdict.BadRequest, Detail).WriteAsync(context)
            : Problems.WriteAsync(context, Verdict.BadRequest, Detail, sent: false);
    }
}
