using Switchboard.Abstractions;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Requests;

/// <content>Log messages.</content>
internal sealed partial class DurableDeliveries
{
    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableFaulted, LogLevel.Error, "An attempt at durable request {RequestId} failed by a fault of the gateway.")]
        public static partial void Failed(ILogger logger, RequestId requestId, Exception exception);

        [LoggerMessage(EventIds.DurableUnreported, LogLevel.Warning, "The outcome of durable request {RequestId} could not be reported to its grain.")]
        public static partial void Unreported(ILogger logger, RequestId requestId, Exception exception);
    }
}
