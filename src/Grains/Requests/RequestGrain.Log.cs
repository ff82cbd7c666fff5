using Microsoft.Extensions.Logging;
using Switchboard.Abstractions;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

internal sealed partial class RequestGrain
{
    [LoggerMessage(EventIds.RequestActivated, LogLevel.Debug, "Request {Request}: activated.",
        EventName = nameof(EventIds.RequestActivated))]
    private partial void LogActivated(RequestId request);

    [LoggerMessage(EventIds.RequestDeactivated, LogLevel.Debug, "Request {Request}: deactivated.",
        EventName = nameof(EventIds.RequestDeactivated))]
    private partial void LogDeactivated(RequestId request);

    [LoggerMessage(EventIds.RequestAccepted, LogLevel.Debug, "Request {Request}: kept for {TimeToLive}.",
        EventName = nameof(EventIds.RequestAccepted))]
    private partial void LogAccepted(RequestId request, TimeSpan timeToLive);

    [LoggerMessage(EventIds.RequestAttempt, LogLevel.Debug, "Request {Request}: attempt {Attempt}.",
        EventName = nameof(EventIds.RequestAttempt))]
    private partial void LogAttempt(RequestId request, uint attempt);

    [LoggerMessage(EventIds.RequestRetried, LogLevel.Debug,
        "Request {Request}: attempt {Attempt} came to nothing ({Verdict}); another follows.",
        EventName = nameof(EventIds.RequestRetried))]
    private partial void LogRetried(RequestId request, uint attempt, Verdict verdict);

    [LoggerMessage(EventIds.RequestNotTaken, LogLevel.Debug,
        "Request {Request}: nobody took it (last attempt: {Attempt}); tried again later.",
        EventName = nameof(EventIds.RequestNotTaken))]
    private partial void LogNotTaken(RequestId request, uint attempt);

    [LoggerMessage(EventIds.RequestEnded, LogLevel.Debug, "Request {Request}: ended {Verdict}, {Attempt} attempts.",
        EventName = nameof(EventIds.RequestEnded))]
    private partial void LogEnded(RequestId request, Verdict verdict, uint attempt);

    [LoggerMessage(EventIds.RequestForgotten, LogLevel.Debug, "Request {Request}: forgotten.",
        EventName = nameof(EventIds.RequestForgotten))]
    private partial void LogForgotten(RequestId request);

    [LoggerMessage(EventIds.RequestLaneUntold, LogLevel.Debug, "Request {Request}: its front door did not reply.",
        EventName = nameof(EventIds.RequestLaneUntold))]
    private partial void LogLaneUntold(Exception exception, RequestId request);

    [LoggerMessage(EventIds.RequestReminderFailed, LogLevel.Warning, "Request {Request}: its reminder could not be set or removed.",
        EventName = nameof(EventIds.RequestReminderFailed))]
    private partial void LogReminderFailed(Exception exception, RequestId request);

    [LoggerMessage(EventIds.RequestWakeFailed, LogLevel.Warning, "Request {Request}: could not go on; tried again soon.",
        EventName = nameof(EventIds.RequestWakeFailed))]
    private partial void LogWakeFailed(Exception exception, RequestId request);
}
