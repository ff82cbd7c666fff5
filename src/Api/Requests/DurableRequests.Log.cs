using Switchboard.Abstractions;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <content>Log messages.</content>
internal sealed partial class DurableRequests
{
    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableNotAccepted, LogLevel.Warning, "Durable request {RequestId} could not be given to its grain.")]
        public static partial void NotAccepted(ILogger logger, RequestId requestId, Exception exception);
    }
}
