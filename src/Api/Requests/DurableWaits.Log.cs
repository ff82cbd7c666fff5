using Switchboard.Abstractions;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <content>Log messages.</content>
internal sealed partial class DurableWaits
{
    private static partial class Log
    {
        [LoggerMessage(
            EventIds.DurableUnwatched, LogLevel.Warning,
            "The caller of durable request {RequestId} is told that it is kept: its grain did not say how it stands.")]
        public static partial void WaitFailed(ILogger logger, RequestId requestId, Exception exception);
    }
}
