using Switchboard.Api.Grpc;
using Switchboard.Api.Rest;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Listening;

/// <summary>
/// Restricts each port to its purpose: no REST on the gRPC port, over HTTP/2 either, and the admin pages on the admin port only, so that
/// access to a port determines what can be reached.
/// </summary>
internal static class PortRoles
{
    private static readonly PathString[] _adminPaths = ["/dashboard", "/metrics", "/health"];

    public static void UsePortRoles(this WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<ListenAddresses>();
        app.Use(next => context => Misplaced(context, addresses) is { } detail
            ? Problems.WriteAsync(context, Verdict.NotFound, detail, sent: false)
            : next(context));
    }

    // By the port of the connection, never by Host, which the client chooses.
    private static string? Misplaced(HttpContext context, ListenAddresses addresses)
    {
        if (context.Connection.LocalPort == addresses.Admin.Port)
        {
            return Array.Exists(_adminPaths, path => context.Request.Path.StartsWithSegments(path))
                ? null
                : $"This is the admin port. REST is at {addresses.Https ?? addresses.Http}";
        }

        // The content type first: it lets every gRPC call pass, and each of them gets here.
        if (GrpcError.IsGrpc(context.Request))
        {
            return null;
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<AdminPortOnly>() is not null)
        {
            return "The dashboard is on the admin port (Switchboard:Listen:AdminPort).";
        }

        return HttpProtocol.IsHttp2(context.Request.Protocol) && !context.Request.IsHttps && context.Connection.LocalPort == addresses.Grpc.Port
            ? $"This port speaks gRPC. REST is at {addresses.Https ?? addresses.Http}"
            : null;
    }
}
