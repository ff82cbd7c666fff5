using System.Globalization;
using Grpc.Core;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Grpc;

/// <summary>Represents the error of a gRPC call: a status, and trailers that programs read.</summary>
/// <param name="Status">The code and the detail.</param>
/// <param name="Trailers">The trailers; null: none.</param>
internal readonly record struct GrpcError(Status Status, Metadata? Trailers = null)
{
    /// <summary>The trailer with the verdict's reason.</summary>
    public const string ReasonTrailer = "switchboard-reason";

    /// <summary>The trailer that says <c>yes</c> or <c>no</c>: whether the request was sent to the agent.</summary>
    public const string SentTrailer = "switchboard-sent";

    /// <summary>The trailer with the seconds after which a retry may succeed: the same as REST's <c>Retry-After</c>.</summary>
    public const string RetryAfterTrailer = "retry-after";

    /// <summary>The metadata with the request's id: of a response, of an agent's response call, and again in error trailers.</summary>
    public const string RequestIdTrailer = "request-id";

    /// <summary>Initializes an error without trailers, for a call that is no request and has no verdict.</summary>
    public GrpcError(StatusCode code, string detail)
        : this(new Status(code, detail))
    {
    }

    /// <summary>Creates the error of a verdict.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="detail">What happened, for display; not used if the verdict's detail is fixed.</param>
    /// <param name="sent">Whether the request was sent. Null: as the table says; if that is open too, the trailer is left out.</param>
    /// <param name="id">The request's id; null if it has none yet.</param>
    public static GrpcError Of(Verdict verdict, string detail, bool? sent = null, RequestId? id = null)
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

        return new GrpcError(new Status(info.GrpcStatus, info.GrpcDetail ?? (detail.Length == 0 ? info.Title : detail)), trailers);
    }

    /// <summary>
    /// Creates the error of a call whose messages cannot be read. It has the reason, and not whether something was sent: an agent's
    /// response call has no such thing.
    /// </summary>
    public static GrpcError Unreadable(string detail) =>
        new(new Status(StatusCode.InvalidArgument, detail), new Metadata { { ReasonTrailer, VerdictTable.Get(Verdict.BadRequest).Reason } });

    /// <summary>Determines whether this is a gRPC call, by its content type.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Creates the exception that ends a call with this error, where gRPC requires one.</summary>
    public RpcException ToException() => new(Status, Trailers ?? Metadata.Empty);

    /// <summary>
    /// Ends a call whose handler returns with this error. The same on the wire as the exception, which costs more than a whole relayed
    /// request: rejecting under overload must be cheap.
    /// </summary>
    public void ApplyTo(ServerCallContext context)
    {
        context.Status = Status;
        foreach (var entry in Trailers ?? Metadata.Empty)
        {
            context.ResponseTrailers.Add(entry);
        }
    }

    /// <summary>
    /// Ends a call before gRPC itself processes it, with the status in the headers (<c>Trailers-Only</c>, gRPC over HTTP/2, Responses).
    /// </summary>
    public Task WriteAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        context.Response.ContentType = "application/grpc";
        headers["grpc-status"] = ((int)Status.StatusCode).ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = Uri.EscapeDataString(Status.Detail);
        foreach (var trailer in Trailers ?? Metadata.Empty)
        {
            headers[trailer.Key] = trailer.Value;
        }

        return Task.CompletedTask;
    }
}
