using System.IO.Pipelines;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Switchboard.Api.Errors;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Looks at gRPC requests before gRPC reads them. Compressed ones are unpacked here: gRPC for .NET compares its limit with what a message
/// has on the wire and then unpacks it, whatever comes out, so that 4 MiB can become 4 GiB; here the limit counts for what comes out. And
/// a call's one message that cannot begin as it does is refused, where gRPC would log an error of its own.
/// </summary>
internal static class UnpackedRequests
{
    private const string Encoding = "grpc-encoding";
    private const int LongestTimeout = 9;

    /// <summary>Call after <c>UseRouting</c> and before the service is mapped.</summary>
    public static void UseUnpackedRequests(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value.MaxReceiveMessageSize ?? int.MaxValue;
        app.Use(next => context =>
        {
            var request = context.Request;
            if (request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
            {
                return next(context);
            }

            // gRPC over HTTP/2: at most eight digits and a unit. With more, gRPC for .NET computes beyond its own times, and throws.
            if (request.Headers[HeaderNames.GrpcTimeout] is [{ Length: > LongestTimeout }])
            {
                return GrpcErrors.WriteAsync(context, Verdict.BadRequest, "grpc-timeout has more than eight digits and a unit");
            }

            if (request.Headers.TryGetValue(Encoding, out StringValues values) && values is [("gzip" or "deflate") and { } encoding])
            {
                request.Body = new UnpackedBody(request.BodyReader, encoding, limit);
                request.Headers.Remove(Encoding);
                return next(context);
            }

            // A stream's messages come in their own time; whoever reads them sees what is wrong with them.
            if (context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.Type is not (MethodType.Unary or MethodType.ServerStreaming))
            {
                return next(context);
            }

            // Nearly always the message is there with its headers: a look at it then, and no state machine around the whole call.
            return IsChecked(request, limit) ? next(context) : CheckedAsync(context, limit, next);
        });
    }

    // False: its head is not there yet.
    private static bool IsChecked(HttpRequest request, int limit)
    {
        try
        {
            if (!request.BodyReader.TryRead(out ReadResult read))
            {
                return false;
            }

            var whole = read.Buffer.Length >= UnpackedBody.HeadBytes || read.IsCompleted;
            Check(request, read, limit);
            return whole;
        }
        catch (IOException)
        {
            // It has gone, or is longer than it may be (BadHttpRequestException); gRPC finds the same.
            return true;
        }
    }

    private static async Task CheckedAsync(HttpContext context, int limit, RequestDelegate next)
    {
        try
        {
            Check(context.Request, await context.Request.BodyReader.ReadAtLeastAsync(UnpackedBody.HeadBytes, context.RequestAborted), limit);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It has gone; gRPC finds the same.
        }

        await next(context);
    }

    // Nothing is taken and nothing counts as seen, so that gRPC's first read gets these bytes at once.
    private static void Check(HttpRequest request, ReadResult read, int limit)
    {
        PipeReader body = request.BodyReader;
        bool wrong = read.Buffer.Length >= UnpackedBody.HeadBytes && !UnpackedBody.IsHead(read.Buffer);
        body.AdvanceTo(read.Buffer.Start);
        if (wrong)
        {
            request.Body = new UnpackedBody(body, "", limit);
        }
    }
}
