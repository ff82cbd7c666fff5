using Switchboard.Api.Errors;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Hosting;

/// <summary>
/// Keeps each port to what it is for: REST off the gRPC port, over HTTP/2 too, and the admin's pages on the admin port and nowhere else.
/// Who may reach a port must be able to rely on what it serves.
/// </summary>
internal static class PortRoles
{
    private static readonly PathString[] AdminPaths = ["/dashboard", "/metrics", "/health"];

    public static void UsePortRoles(this WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<ListenAddresses>();
        app.Use(next => context => Misplaced(context, addresses) is { } detail
            ? Problems.WriteAsync(context, Verdict.NotFound, detail, sent: false)
            : next(context));
    }

    // By the port that the connection came to, never by Host, which the client chooses.
    private static string? Misplaced(HttpContext context, ListenAddresses addresses)
    {
        if (context.Connection.LocalPort == addresses.Admin.Port)
        {
            return Array.Exists(AdminPaths, path => context.Request.Path.StartsWithSegments(path))
                ? null
                : $"This is the admin port. REST is at {addresses.Https ?? addresses.Http}";
        }

        // The content type first: it lets every gRPC call pass, and this is asked for each of them.
        if (GrpcErrors.IsGrpc(context.Request))
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
