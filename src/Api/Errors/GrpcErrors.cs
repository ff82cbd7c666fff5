using System.Globalization;
using Grpc.Core;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Errors;

/// <summary>Tells a verdict over gRPC.</summary>
public static class GrpcErrors
{
    /// <summary>Trailer with the verdict's reason.</summary>
    public const string ReasonTrailer = "switchboard-reason";

    /// <summary>Trailer that says <c>yes</c> or <c>no</c>: was the request sent to the agent?</summary>
    public const string SentTrailer = "switchboard-sent";

    /// <summary>Trailer with the seconds after which it may be worth another try: the same as REST's <c>Retry-After</c>.</summary>
    public const string RetryAfterTrailer = "retry-after";

    /// <summary>Metadata with the request's id: of an answer, of an answer call, and again in error trailers.</summary>
    public const string RequestIdTrailer = "request-id";

    /// <summary>The exception that ends a call with this verdict.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="detail">What happened here, for people; not used where the verdict's detail is fixed.</param>
    /// <param name="sent">Was the request sent? Null: what the table says; nothing is told where that is open too.</param>
    /// <param name="id">The request's id, once there is one.</param>
    public static RpcException ToRpc(Verdict verdict, string detail, bool? sent = null, RequestId? id = null)
    {
        var info = VerdictTable.Get(verdict);
        var trailers = new Metadata { { ReasonTrailer, info.Reason } };
        if ((sent ?? info.Sent) is { } known)
        {
            trailers.Add(SentTrailer, known ? "yes" : "no");
        }

        if (info.RetryAfterSeconds is { } seconds)
        {
            trailers.Add(RetryAfterTrailer, seconds.ToString(CultureInfo.InvariantCulture));
        }

        if (id is { } requestId)
        {
            trailers.Add(RequestIdTrailer, requestId.ToString());
        }

        var text = info.GrpcDetail ?? (detail.Length == 0 ? info.Title : detail);
        return new RpcException(new Status(info.GrpcStatus, text), trailers);
    }

    /// <summary>
    /// The exception that ends a call whose messages cannot be read. Says the reason, and not whether something was sent: an agent's
    /// answer call has no such thing.
    /// </summary>
    internal static RpcException Unreadable(string detail)
        => new(new Status(StatusCode.InvalidArgument, detail), new Metadata { { ReasonTrailer, VerdictTable.Get(Verdict.BadRequest).Reason } });

    /// <summary>Whether this is a gRPC call, by its content type.</summary>
    internal static bool IsGrpc(HttpRequest request)
        => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>
    /// Ends a call before gRPC itself has it, with the status in the headers (<c>Trailers-Only</c>, gRPC over HTTP/2, Responses).
    /// </summary>
    internal static Task WriteAsync(HttpContext context, Verdict verdict, string detail) => WriteAsync(context, ToRpc(verdict, detail));

    /// <summary>Ends a call before gRPC itself has it, as the exception would.</summary>
    internal static Task WriteAsync(HttpContext context, RpcException error)
    {
        var headers = context.Response.Headers;
        context.Response.ContentType = "application/grpc";
        headers["grpc-status"] = ((int)error.StatusCode).ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = Uri.EscapeDataString(error.Status.Detail);
        foreach (var trailer in error.Trailers)
        {
            headers[trailer.Key] = trailer.Value;
        }

        return Task.CompletedTask;
    }
}
