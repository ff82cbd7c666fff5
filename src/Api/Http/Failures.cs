using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Switchboard.Abstractions;
using Switchboard.Api.Errors;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Http;

/// <summary>What REST calls answer when something threw.</summary>
internal static partial class Failures
{
    /// <summary>Everything but what says that the process itself is ill.</summary>
    public static bool IsKnown(Exception exception) => exception is not OutOfMemoryException;

    /// <summary>Answers, or cuts the connection where an answer has begun: a short answer must not look like a whole one.</summary>
    public static async Task AnswerAsync(HttpContext context, Exception exception, RequestIds ids, ILogger log)
    {
        if (exception is BadHttpRequestException && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            // What follows on this connection is no request. Kestrel, whose read of the body ended in the middle, would try to read one all
            // the same, and warn with a stack that a read is in progress already.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody hears it any more; the status is for the access log.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = VerdictTable.Get(Verdict.CallerCancelled).HttpStatus;
            }

            return;
        }

        if (exception is ConnectionResetException or ConnectionAbortedException)
        {
            // The read of a body may see the caller leave before its token does. Cut, or Kestrel tries to read the rest of the body,
            // and logs as an error that it cannot.
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

        // Kestrel's word for a chunk whose size is beyond all numbers; nothing else is read or written here but the client's connection.
        IOException bad => (Verdict.BadRequest, bad.Message),
        _ when GrainCalls.MeansUnavailable(exception) => (Verdict.Unavailable, "The cluster could not be asked."),
        _ => (Verdict.Internal, ""),
    };

    [LoggerMessage(EventIds.HttpFailed, LogLevel.Error, "{Method} {Route} failed", EventName = nameof(EventIds.HttpFailed))]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string? route);
}
