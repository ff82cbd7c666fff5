using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Durable;

/// <summary>Tells those who wait for it that a durable request has ended.</summary>
internal sealed partial class DurableEnds(DurableWaits waits, IGrainFactory grains, GatewayClock clock, ILogger<DurableEnds> logger)
{
    /// <summary>Tells the caller that waits for the end, here or, by way of the request's grain, at another front door. Does not wait.</summary>
    public void Tell(EndedRequest ended)
    {
        if (ended.Request.Watched && !waits.Ended(ended.Request.Id))
        {
            _ = TellGrainAsync(new RequestId(ended.Request.Id));
        }
    }

    private async Task TellGrainAsync(RequestId id)
    {
        try
        {
            await grains.GetGrain<IRequestGrain>(id.ToString()).Ended().BoundAsync(clock.Time);
        }
        catch (Exception e)
        {
            // Whoever waits looks once more at the end of its time.
            Log.NotTold(logger, id, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableUnreported, LogLevel.Debug, "The grain of durable request {RequestId} could not be told of its end.")]
        public static partial void NotTold(ILogger logger, RequestId requestId, Exception exception);
    }
}
