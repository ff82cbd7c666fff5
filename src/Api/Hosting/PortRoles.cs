using Switchboard.Api.Errors;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Hosting;

/// <summary>Keeps REST off the gRPC port, over HTTP/2 too: who may reach a port must be able to rely on what it serves.</summary>
internal static class PortRoles
{
    private const string GrpcType = "application/grpc";

    public static void UsePortRoles(this WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<ListenAddresses>();
        app.Use(next => context => HttpProtocol.IsHttp2(context.Request.Protocol) && IsMisplaced(context, addresses)
            ? Problems.WriteAsync(
                context, Verdict.NotFound, $"This port speaks gRPC. REST is at {addresses.Https ?? addresses.Http}", sent: false)
            : next(context));
    }

    // The content type first: it lets every gRPC call pass, and this is asked for each of them.
    private static bool IsMisplaced(HttpContext context, ListenAddresses addresses)
        => context.Request.ContentType?.StartsWith(GrpcType, StringComparison.OrdinalIgnoreCase) != true
            && !context.Request.IsHttps
            && context.Connection.LocalPort == addresses.Grpc.Port;
}
