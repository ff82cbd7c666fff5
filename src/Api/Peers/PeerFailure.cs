using Grpc.Core;
using Switchboard.Api.Grpc;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Peers;

/// <summary>Reads what happened to a hop out of the exception that its call ended with.</summary>
/// <param name="Happened">What happened; <see cref="HopRule"/> says what that means.</param>
/// <param name="Verdict">The verdict that the other front door gave; null: none.</param>
/// <param name="Detail">Why, for people; null: it said nothing.</param>
internal readonly record struct PeerFailure(HopEvent Happened, Verdict? Verdict = null, string? Detail = null)
{
    /// <summary>RFC 9113, 7: the other side has not processed the stream.</summary>
    private const long RefusedStream = 7;

    /// <summary>Reads it.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="wasEstablished">
    /// Whether there was ever a connection to that front door. Read after the call has ended: nothing of it is written then any more.
    /// </param>
    /// <param name="isGone">Whether the call was cancelled because that front door is gone.</param>
    public static PeerFailure Of(Exception error, bool wasEstablished, bool isGone)
    {
        var call = error as RpcException;
        if (call?.Trailers is { } trailers)
        {
            if (trailers.GetValue(PeerMetadata.NoSuchSession) is not null)
            {
                return new(HopEvent.NoSuchSession);
            }

            if (VerdictTable.Find(trailers.GetValue(GrpcError.ReasonTrailer)) is { } verdict)
            {
                var unsent = trailers.GetValue(GrpcError.SentTrailer) == "no";
                return new(unsent ? HopEvent.EndedUnsent : HopEvent.EndedSent, verdict, call.Status.Detail);
            }
        }

        if (isGone)
        {
            return new(wasEstablished ? HopEvent.Gone : HopEvent.GoneUnconnected);
        }

        if (call is null)
        {
            return new(HopEvent.Lost);
        }

        return new(!wasEstablished ? HopEvent.NeverMade : NeverProcessed(call.Status.DebugException) ? HopEvent.NotProcessed : HopEvent.Lost);
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
