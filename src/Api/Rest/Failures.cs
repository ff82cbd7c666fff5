using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>Writes the responses of REST calls that failed with an exception.</summary>
internal static partial class Failures
{
    /// <summary>Returns whether an exception is handled: all but those that concern the process itself.</summary>
    public static bool IsKnown(Exception exception) => exception is not OutOfMemoryException;

    /// <summary>
    /// Writes the response, or aborts the connection if a response has begun: an incomplete response must not look complete.
    /// </summary>
    public static async Task WriteAsync(HttpContext context, Exception exception, RequestIds ids, ILogger log)
    {
        if (exception is BadHttpRequestException && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            // What follows on this connection is no request. Kestrel, whose read of the body ended in the middle, would try to read one
            // anyway, and log a warning with a stack that a read is in progress already.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; the status is for the access log.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = VerdictTable.Get(Verdict.CallerCancelled).HttpStatus;
            }

            return;
        }

        if (exception is ConnectionResetException or ConnectionAbortedException)
        {
            // The read of a body may see that the client has gone before its token fires. Aborted, or Kestrel tries to read the rest of the
            // body, and logs an error that it cannot.
            context.Abort();
            return;
        }

        var (verdict, detail) = Describe(exception);
        if (verdict == Verdict.Internal)
        {
            LogFailed(log, exception, context.Request.Method, context.GetEndpoint()?.DisplayName);
        }

        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        if (exception is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout })
        {
            context.Response.Headers.Connection = "close";
        }

        await Problems.WriteAsync(context, verdict, detail, sent: null, ids.Next());
    }

    private static (Verdict Verdict, string Detail) Describe(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (Verdict.TooLarge, "The body is too long."),
        BadHttpRequestException bad => (Verdict.BadRequest, bad.Message),

        // Kestrel throws this for a chunk whose size is out of range; nothing but the client's connection is read or written here.
        IOException bad => (Verdict.BadRequest, bad.Message),
        _ when GrainCalls.MeansUnavailable(exception) => (Verdict.Unavailable, "The cluster could not be asked."),
        _ => (Verdict.Internal, ""),
    };

    [LoggerMessage(EventIds.HttpFailed, LogLevel.Error, "{Method} {Route} failed", EventName = nameof(EventIds.HttpFailed))]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string? route);
}
