using Grpc.Core;
using Switchboard.Api.Grpc;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Peers;

/// <summary>What a call to another front door that failed says of the request.</summary>
internal enum PeerFailureKind
{
    /// <summary>Nothing: it may have been sent.</summary>
    Lost,

    /// <summary>It never reached the other front door.</summary>
    Unreachable,

    /// <summary>The other front door does not hold the session, and sent nothing.</summary>
    NoSuchSession,

    /// <summary>It ended there, unsent, with the verdict.</summary>
    Unsent,

    /// <summary>It ended there, sent, with the verdict.</summary>
    Sent,
}

/// <summary>Reads what became of a request out of the status of a call to another front door.</summary>
/// <param name="Kind">What is known.</param>
/// <param name="Verdict">The verdict that the other front door gave; null: none.</param>
/// <param name="Detail">Why, for people; null: it said nothing.</param>
internal readonly record struct PeerFailure(PeerFailureKind Kind, Verdict? Verdict = null, string? Detail = null)
{
    /// <summary>RFC 9113, 7: the other side has not processed the stream.</summary>
    private const long RefusedStream = 7;

    public static PeerFailure Lost { get; } = new(PeerFailureKind.Lost);

    /// <summary>Reads a call's status.</summary>
    /// <param name="error">The status, as gRPC throws it.</param>
    /// <param name="wasEstablished">Whether there was ever a connection to that front door.</param>
    public static PeerFailure Of(RpcException error, bool wasEstablished)
    {
        var trailers = error.Trailers;
        if (trailers.GetValue(PeerMetadata.NoSuchSession) is not null)
        {
            return new(PeerFailureKind.NoSuchSession);
        }

        if (VerdictTable.Find(trailers.GetValue(GrpcError.ReasonTrailer)) is { } verdict)
        {
            var kind = trailers.GetValue(GrpcError.SentTrailer) == "no" ? PeerFailureKind.Unsent : PeerFailureKind.Sent;
            return new(kind, verdict, error.Status.Detail);
        }

        return new(!wasEstablished || NeverProcessed(error.Status.DebugException) ? PeerFailureKind.Unreachable : PeerFailureKind.Lost);
    }

    // No connection could be made, or HTTP/2 says that the stream was not processed. A GOAWAY below the stream the handler answers with a
    // new connection, whose failure is one of these. An established connection that broke is none of them: its errors are Unknown, or the
    // protocol's. ConnectTimeout looks as every cancelled call does, and counts as lost where there was a connection before.
    private static bool NeverProcessed(Exception? error) => error switch
    {
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        } => true,
        HttpRequestException { InnerException: HttpProtocolException { ErrorCode: RefusedStream } } => true,
        HttpProtocolException { ErrorCode: RefusedStream } => true,
        _ => false,
    };
}
