using Grpc.AspNetCore.Server;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Unpacks compressed gRPC requests before gRPC reads them. gRPC for .NET compares its limit with what a message has on the wire and
/// then unpacks it, whatever comes out: 4 MiB can become 4 GiB. Here the limit counts for what comes out.
/// </summary>
internal static class UnpackedRequests
{
    private const string Encoding = "grpc-encoding";

    /// <summary>Call before the service is mapped.</summary>
    public static void UseUnpackedRequests(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value.MaxReceiveMessageSize ?? int.MaxValue;
        app.Use(next => context =>
        {
            if (context.Request.Headers.TryGetValue(Encoding, out StringValues values)
                && values is [("gzip" or "deflate") and { } encoding]
                && context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
            {
                context.Request.Body = new UnpackedBody(context.Request.BodyReader, encoding, limit);
                context.Request.Headers.Remove(Encoding);
            }
            return next(context);
        });
    }
}
