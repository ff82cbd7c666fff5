using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Represents one request. A durable one is a shell around <see cref="DurableLifecycle"/>: RequestGrain.Durable.cs is its life,
/// RequestGrain.Delivery.cs its delivery to the agent. A live one is looked up where it lives: RequestGrain.Live.cs.
/// </summary>
[GrainType(Names.GrainTypes.Request)]
internal sealed partial class RequestGrain(
    [PersistentState(Names.Storage.Request, Names.Storage.Provider)] IPersistentState<DurableRequestState> state,
    IOptions<GrainOptions> options,
    DurableLedger ledger,
    StorageTraits storage,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
    ILogger<RequestGrain> logger) : Grain, IRequestGrain, IRemindable, IDisposable
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
        Restore();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Log.Deactivated(_logger, _id);
        return Task.CompletedTask;
    }

    /// <summary>Runs at the end of every activation, including one for which <see cref="OnDeactivateAsync"/> is not called.</summary>
    public void Dispose() => Uncount();

    public async Task<AcceptReply> Accept(RequestEnvelope envelope, RequestReport report, TimeSpan timeToLive)
    {
        if (!_id.IsDurable)
        {
            throw new InvalidOperationException($"Request {_id} lives at a front door: its id has that front door's number.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeToLive, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeToLive, _options.DurableMaxTimeToLive);
        if (_life is not null)
        {
            return new AcceptReply { Result = AcceptResult.DuplicateId };
        }

        if (TryCount(envelope) is { } refusal)
        {
            // Safe: the id was drawn for this call, so no other call is queued behind it. Without this, refused requests would pile up as
            // activations, for as long as activations that hold nothing stay.
            DeactivateOnIdle();
            return new AcceptReply { Result = AcceptResult.Refused, Limit = refusal.Limit, LimitValue = refusal.Value };
        }

        try
        {
            await KeepAsync(envelope, report, timeToLive);
        }
        catch
        {
            Uncount();
            throw;
        }

        return new AcceptReply { Result = AcceptResult.Accepted, Durable = storage.SurvivesProcess };
    }

    public Task<RequestReport?> Describe()
    {
        if (_life is not null)
        {
            return Task.FromResult(state.State.Report);
        }

        return _id.IsDurable ? Task.FromResult<RequestReport?>(null) : DescribeLiveAsync();
    }

    public Task<StoredResponse?> GetResponse() => Task.FromResult(Response);

    public async Task<CancelResult> Cancel()
    {
        if (_life is null)
        {
            return _id.IsDurable ? CancelResult.NotFound : await CancelLiveAsync();
        }

        var observer = state.State.Observer;
        if (!_life.Cancel())
        {
            return CancelResult.AlreadyEnded;
        }

        await EndAsync(null, state.State.Report!.Sent);
        if (observer is not null)
        {
            _ = SendCancelAsync(observer);
        }

        return CancelResult.Cancelled;
    }

    public async Task<bool> Finish(DurableOutcome outcome)
    {
        var kept = HasRoomFor(outcome.Response);
        var verdict = kept ? outcome.Verdict : Verdict.AnswerNotKept;
        switch (_life?.Finish(outcome.Attempt, verdict, _clock.Now) ?? DurableFinish.Refused)
        {
            case DurableFinish.Ends:
                await EndAsync(kept ? outcome.Response : null, outcome.Sent || state.State.Report!.Sent, outcome.Detail);
                return true;
            case DurableFinish.TriedAgain:
                Log.Retried(_logger, _id, outcome.Attempt, outcome.Verdict);
                NoteSent(outcome.Sent);
                state.State.Observer = null;
                Arm();
                return true;
            case DurableFinish.SaidBefore:
                return Same(Response, outcome.Response);
            default:
                return false;
        }
    }

    private static bool Same(StoredResponse? one, StoredResponse? other)
    {
        if (one is null || other is null)
        {
            return one is null && other is null;
        }

        return one.Status == other.Status && one.Headers.SequenceEqual(other.Headers) && one.Body.Span.SequenceEqual(other.Body.Span);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RequestActivated, LogLevel.Debug, "Request {Request}: activated.")]
        public static partial void Activated(ILogger logger, RequestId request);

        [LoggerMessage(EventIds.RequestDeactivated, LogLevel.Debug, "Request {Request}: deactivated.")]
        public static partial void Deactivated(ILogger logger, RequestId request);

        [LoggerMessage(EventIds.RequestAccepted, LogLevel.Debug, "Request {Request}: kept for {TimeToLive}.")]
        public static partial void Accepted(ILogger logger, RequestId request, TimeSpan timeToLive);

        [LoggerMessage(EventIds.RequestAttempt, LogLevel.Debug, "Request {Request}: attempt {Attempt}.")]
        public static partial void Attempt(ILogger logger, RequestId request, uint attempt);

        [LoggerMessage(EventIds.RequestRetried, LogLevel.Debug,
            "Request {Request}: attempt {Attempt} came to nothing ({Verdict}); another follows.")]
        public static partial void Retried(ILogger logger, RequestId request, uint attempt, Verdict verdict);

        [LoggerMessage(EventIds.RequestNotTaken, LogLevel.Debug,
            "Request {Request}: nobody took it (last attempt: {Attempt}); tried again later.")]
        public static partial void NotTaken(ILogger logger, RequestId request, uint attempt);

        [LoggerMessage(EventIds.RequestEnded, LogLevel.Debug, "Request {Request}: ended {Verdict}, {Attempt} attempts.")]
        public static partial void Ended(ILogger logger, RequestId request, Verdict verdict, uint attempt);

        [LoggerMessage(EventIds.RequestForgotten, LogLevel.Debug, "Request {Request}: forgotten.")]
        public static partial void Forgotten(ILogger logger, RequestId request);

        [LoggerMessage(EventIds.RequestObserverCallFailed, LogLevel.Debug, "Request {Request}: its front door did not reply.")]
        public static partial void ObserverCallFailed(ILogger logger, Exception exception, RequestId request);

        [LoggerMessage(EventIds.RequestReminderFailed, LogLevel.Warning, "Request {Request}: its reminder could not be set or removed.")]
        public static partial void ReminderFailed(ILogger logger, Exception exception, RequestId request);

        [LoggerMessage(EventIds.RequestWakeFailed, LogLevel.Warning, "Request {Request}: could not go on; tried again soon.")]
        public static partial void WakeFailed(ILogger logger, Exception exception, RequestId request);
    }
}
