using Switchboard.Abstractions;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <content>Log messages.</content>
internal sealed partial class LiveRequests
{
    private static partial class Log
    {
        [LoggerMessage(EventIds.RequestRouteFailed, LogLevel.Warning, "The agent of request {RequestId} could not be looked up.")]
        public static partial void RouteFailed(ILogger logger, RequestId requestId, Exception exception);

        [LoggerMessage(EventIds.RequestCallerStreamFailed, LogLevel.Debug, "The caller's stream of request {RequestId} failed.")]
        public static partial void CallerStreamFailed(ILogger logger, RequestId requestId, Exception exception);

        [LoggerMessage(EventIds.RequestFaulted, LogLevel.Error, "Request {RequestId} failed by a fault of the gateway.")]
        public static partial void Failed(ILogger logger, RequestId requestId, Exception exception);
    }
}
