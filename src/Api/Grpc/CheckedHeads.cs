using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Looks at gRPC calls before gRPC reads them, and refuses what it would log as an error of its own: a timeout that it cannot count, and a
/// call's one message that cannot begin as it does. What is not whole at the first look is watched from there on
/// (<see cref="UnfinishedMessages"/>). A message on the wire is a byte (1: compressed), four of length in network order, and so many of
/// content.
/// </summary>
internal static class CheckedHeads
{
    public const int HeadBytes = 5;
    private const byte Compressed = 1;
    private const int LongestTimeout = 9;

    /// <summary>Call after <c>UseRouting</c> and before the service is mapped.</summary>
    public static void UseCheckedHeads(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value.MaxReceiveMessageSize ?? int.MaxValue;
        var unfinished = app.Services.GetRequiredService<UnfinishedMessages>();
        app.Use(next => context =>
        {
            if (!GrpcError.IsGrpc(context.Request))
            {
                return next(context);
            }

            // gRPC over HTTP/2: at most eight digits and a unit. With more, gRPC for .NET computes beyond its own times, and throws.
            if (context.Request.Headers[HeaderNames.GrpcTimeout] is [{ Length: > LongestTimeout }])
            {
                return GrpcError.Of(Verdict.BadRequest, "grpc-timeout has more than eight digits and a unit").WriteAsync(context);
            }

            var type = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.Type;
            // A stream's messages come in their own time; whoever reads them sees what is wrong with them.
            if (type is not (MethodType.Unary or MethodType.ServerStreaming))
            {
                return WatchedAsync(context, unfinished.Watch(context, type), next);
            }

            // Nearly always the message is there with its headers: a look at it then, and no state machine around the whole call.
            return Look(context.Request.BodyReader, limit, out var wrong) switch
            {
                Seen.Whole => next(context),
                Seen.Head => WatchedAsync(context, unfinished.Watch(context, type), next),
                Seen.Wrong => wrong!.Value.WriteAsync(context),
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

        /// <summary>A head that no message has.</summary>
        Wrong,

        /// <summary>Not even that.</summary>
        Nothing,
    }

    private static Seen Look(PipeReader body, int limit, out GrpcError? wrong)
    {
        wrong = null;
        try
        {
            if (!body.TryRead(out var read))
            {
                return Seen.Nothing;
            }

            var hasHead = read.Buffer.Length >= HeadBytes;
            wrong = Check(body, read, limit);
            return (wrong, read.IsCompleted, hasHead) switch
            {
                (not null, _, _) => Seen.Wrong,
                (_, true, _) => Seen.Whole,
                (_, _, true) => Seen.Head,
                _ => Seen.Nothing,
            };
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
        GrpcError? wrong = null;
        try
        {
            wrong = Check(body, await body.ReadAtLeastAsync(HeadBytes, context.RequestAborted), limit);
        }
        catch (RpcException) when (body.Cut is { } cut)
        {
            wrong = cut;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It has gone; gRPC finds the same.
        }

        await (wrong?.WriteAsync(context) ?? WatchedAsync(context, body, next));
    }

    // Nothing is taken and nothing counts as seen, so that gRPC's first read gets these bytes at once. Other lengths are gRPC's to judge.
    private static GrpcError? Check(PipeReader body, ReadResult read, int limit)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        var hasHead = read.Buffer.Length >= HeadBytes;
        if (hasHead)
        {
            read.Buffer.Slice(0, HeadBytes).CopyTo(head);
        }

        body.AdvanceTo(read.Buffer.Start);
        return (hasHead, head[0], BinaryPrimitives.ReadUInt32BigEndian(head[1..])) switch
        {
            (true, _, > int.MaxValue) => GrpcError.Of(Verdict.TooLarge, $"A message is longer than {limit} bytes."),
            (true, > Compressed and var flag, _) => GrpcError.Unreadable($"A message's first byte is {flag}; it must be 0 or 1."),
            _ => null,
        };
    }
}
