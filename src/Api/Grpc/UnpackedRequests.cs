using System.IO.Pipelines;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Switchboard.Api.Errors;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Looks at gRPC requests before gRPC reads them. Compressed ones are unpacked here: gRPC for .NET compares its limit with what a message
/// has on the wire and then unpacks it, whatever comes out, so that 4 MiB can become 4 GiB; here the limit counts for what comes out. And
/// a call's one message that cannot begin as it does is refused, where gRPC would log an error of its own. What is not whole at the first
/// look is watched from there on (<see cref="UnfinishedMessages"/>).
/// </summary>
internal static class UnpackedRequests
{
    private const string Encoding = "grpc-encoding";
    private const int LongestTimeout = 9;

    /// <summary>Call after <c>UseRouting</c> and before the service is mapped.</summary>
    public static void UseUnpackedRequests(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value.MaxReceiveMessageSize ?? int.MaxValue;
        var unfinished = app.Services.GetRequiredService<UnfinishedMessages>();
        app.Use(next => context =>
        {
            var request = context.Request;
            if (!GrpcErrors.IsGrpc(request))
            {
                return next(context);
            }

            // gRPC over HTTP/2: at most eight digits and a unit. With more, gRPC for .NET computes beyond its own times, and throws.
            if (request.Headers[HeaderNames.GrpcTimeout] is [{ Length: > LongestTimeout }])
            {
                return GrpcErrors.WriteAsync(context, Verdict.BadRequest, "grpc-timeout has more than eight digits and a unit");
            }

            var type = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.Type;
            if (request.Headers.TryGetValue(Encoding, out StringValues values) && values is [("gzip" or "deflate") and { } encoding])
            {
                request.Body = new UnpackedBody(unfinished.Watch(context, type), encoding, limit);
                request.Headers.Remove(Encoding);
                return next(context);
            }

            // A stream's messages come in their own time; whoever reads them sees what is wrong with them.
            if (type is not (MethodType.Unary or MethodType.ServerStreaming))
            {
                context.Features.Set<IRequestBodyPipeFeature>(unfinished.Watch(context, type));
                return next(context);
            }

            // Nearly always the message is there with its headers: a look at it then, and no state machine around the whole call.
            return Look(request, limit) switch
            {
                Seen.Whole => next(context),
                Seen.Head => WatchedAsync(context, unfinished.Watch(context, type), next),
                _ => CheckedAsync(context, unfinished.Watch(context, type), limit, next),
            };
        });
    }

    private enum Seen
    {
        /// <summary>All that will come, or nobody will come to read it.</summary>
        Whole,

        /// <summary>The head of the message.</summary>
        Head,

        /// <summary>Not even that.</summary>
        Nothing,
    }

    private static Seen Look(HttpRequest request, int limit)
    {
        try
        {
            if (!request.BodyReader.TryRead(out ReadResult read))
            {
                return Seen.Nothing;
            }

            var seen = read.Buffer.Length >= UnpackedBody.HeadBytes ? Seen.Head : Seen.Nothing;
            return Check(request, request.BodyReader, read, limit) && !read.IsCompleted ? seen : Seen.Whole;
        }
        catch (IOException)
        {
            // It has gone, or is longer than it may be (BadHttpRequestException); gRPC finds the same.
            return Seen.Whole;
        }
    }

    private static Task WatchedAsync(HttpContext context, WatchedBody body, RequestDelegate next)
    {
        context.Features.Set<IRequestBodyPipeFeature>(body);
        return next(context);
    }

    private static async Task CheckedAsync(HttpContext context, WatchedBody body, int limit, RequestDelegate next)
    {
        var wellBegun = true;
        try
        {
            var read = await body.ReadAtLeastAsync(UnpackedBody.HeadBytes, context.RequestAborted);
            wellBegun = Check(context.Request, body, read, limit);
        }
        catch (RpcException e)
        {
            await GrpcErrors.WriteAsync(context, e);
            return;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It has gone; gRPC finds the same.
        }

        await (wellBegun ? WatchedAsync(context, body, next) : next(context));
    }

    // Nothing is taken and nothing counts as seen, so that gRPC's first read gets these bytes at once.
    private static bool Check(HttpRequest request, PipeReader body, ReadResult read, int limit)
    {
        bool wrong = read.Buffer.Length >= UnpackedBody.HeadBytes && !UnpackedBody.IsHead(read.Buffer);
        body.AdvanceTo(read.Buffer.Start);
        if (wrong)
        {
            request.Body = new UnpackedBody(body, "", limit);
        }

        return !wrong;
    }
}
