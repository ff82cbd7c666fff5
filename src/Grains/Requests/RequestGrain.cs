using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Represents one request. A durable one is in the log: RequestGrain.Expiry.cs ends it in time, RequestGrain.Watch.cs notifies of its end. A
/// live one is looked up where it lives: RequestGrain.Live.cs.
/// </summary>
[GrainType(Names.GrainTypes.Request)]
internal sealed partial class RequestGrain(
    IRequestLog log,
    EndedRequests ended,
    IOptions<GrainOptions> options,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
    ILogger<RequestGrain> logger) : Grain, IRequestGrain, IRemindable
{
    private readonly ILogger<RequestGrain> _logger = logger;
    private readonly GrainClock _clock = new(time);
    private readonly GrainOptions _options = options.Value;
    private RequestId _id;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!RequestId.TryParse(this.GetPrimaryKeyString(), out _id))
        {
            throw new ArgumentException("The key of a request is its id, 16 hex digits.");
        }

        Log.Activated(_logger, _id);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Log.Deactivated(_logger, _id);
        return Task.CompletedTask;
    }

    public async Task<RequestReport?> Describe() => _id.IsDurable
        ? (await log.FindAsync(_id.Value, CancellationToken.None))?.ToReport()
        : await DescribeLiveAsync();

    public async Task<CancelResult> Cancel()
    {
        if (!_id.IsDurable)
        {
            return await CancelLiveAsync();
        }

        var end = new RequestEnd { Id = _id.Value, Verdict = Verdict.CallerCancelled, Detail = "cancelled" };
        var reply = await log.EndAsync(end, CancellationToken.None);
        if (reply.Ended is not { } request)
        {
            return reply.Result == EndResult.NotFound ? CancelResult.NotFound : CancelResult.AlreadyEnded;
        }

        _ = ended.TellHolderAsync(request);
        await Ended();
        return CancelResult.Cancelled;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RequestActivated, LogLevel.Debug, "Request {Request}: activated.")]
        public static partial void Activated(ILogger logger, RequestId request);

        [LoggerMessage(EventIds.RequestDeactivated, LogLevel.Debug, "Request {Request}: deactivated.")]
        public static partial void Deactivated(ILogger logger, RequestId request);

        [LoggerMessage(EventIds.RequestObserverCallFailed, LogLevel.Debug, "Request {Request}: its front door did not reply.")]
        public static partial void ObserverCallFailed(ILogger logger, Exception exception, RequestId request);

        [LoggerMessage(EventIds.RequestReminderFailed, LogLevel.Warning, "Request {Request}: its reminder could not be set or removed.")]
        public static partial void ReminderFailed(ILogger logger, Exception exception, RequestId request);

        [LoggerMessage(EventIds.RequestWakeFailed, LogLevel.Warning, "Request {Request}: could not be ended in time; tried again soon.")]
        public static partial void WakeFailed(ILogger logger, Exception exception, RequestId request);
    }
}
