using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Ids;

namespace Switchboard.Grains.Requests;

/// <summary>Ends the requests of the log whose time is over, and tells whoever has to know of an end.</summary>
internal sealed partial class EndedRequests(
    IRequestLog log, IGrainFactory grains, IOptions<GrainOptions> options, [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
    ILogger<EndedRequests> logger)
{
    /// <summary>The maximum number of requests that are ended in one transaction, and told of at once.</summary>
    private const int Batch = 64;

    private readonly GrainClock _clock = new(time);
    private readonly ILogger<EndedRequests> _logger = logger;

    /// <summary>Ends the requests whose time is over, by the storage's clock.</summary>
    /// <param name="until">When to stop, by a grain's clock.</param>
    /// <returns>Whether none is left.</returns>
    public async Task<bool> ExpireAsync(TimeSpan until)
    {
        var began = _clock.Now;
        var most = until - began;
        do
        {
            var expired = await log.ExpireAsync(Batch, CancellationToken.None);
            await Task.WhenAll(expired.Select(TellAsync));
            if (expired.Count < Batch)
            {
                return true;
            }
        }
        while (_clock.Now - began < most);

        return false;
    }

    /// <summary>Tells the front door that has an attempt at the request that it is not to go on with it.</summary>
    public async Task TellHolderAsync(EndedRequest ended)
    {
        if (ended.Holder == 0)
        {
            return;
        }

        try
        {
            var registry = grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
            if (await _clock.Bound(registry.Find(ended.Holder), options.Value.ObserverCallTimeout) is { } frontDoor)
            {
                await _clock.Bound(Observers.Of(frontDoor, ended.Request.Id).CancelRequest(ended.Request.Id), options.Value.ObserverCallTimeout);
            }
        }
        catch (Exception e)
        {
            // It learns of the end when it comes to keep the attempt's.
            Log.NotTold(_logger, e, new RequestId(ended.Request.Id));
        }
    }

    private async Task TellAsync(EndedRequest ended)
    {
        await TellHolderAsync(ended);
        if (ended.Request.Watched)
        {
            // Not awaited: it may be the very grain that is asking.
            grains.GetGrain<IRequestGrain>(new RequestId(ended.Request.Id).ToString()).Ended().Ignore();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RequestEndNotTold, LogLevel.Debug, "Request {Request}: the front door that has it could not be told of its end.")]
        public static partial void NotTold(ILogger logger, Exception exception, RequestId request);
    }
}
