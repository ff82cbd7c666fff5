using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// One request. A durable one is a shell around <see cref="DurableLifecycle"/>: RequestGrain.Durable.cs is its life,
/// RequestGrain.Delivery.cs its way to the agent. A live one is looked up where it lives: RequestGrain.Live.cs.
/// </summary>
[GrainType(Names.GrainTypes.Request)]
internal sealed partial class RequestGrain(
    [PersistentState(Names.Storage.Request, Names.Storage.Provider)] IPersistentState<DurableRequestState> state,
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
            throw new ArgumentException("The key of a request is its id, 16 hex digits.");
        LogActivated(_id);
        Restore();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        LogDeactivated(_id);
        return Task.CompletedTask;
    }

    public async Task<AcceptResult> Accept(RequestEnvelope envelope, RequestReport report, TimeSpan timeToLive)
    {
        if (!_id.IsDurable)
            throw new InvalidOperationException($"Request {_id} lives at a front door: its id has that front door's number.");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeToLive, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeToLive, _options.DurableMaxTimeToLive);
        if (_life is not null)
            return AcceptResult.DuplicateId;
        await KeepAsync(envelope, report, timeToLive);
        return AcceptResult.Accepted;
    }

    public Task<RequestReport?> Describe()
    {
        if (_life is not null)
            return Task.FromResult(state.State.Report);
        return _id.IsDurable ? Task.FromResult<RequestReport?>(null) : DescribeLiveAsync();
    }

    public Task<StoredAnswer?> GetAnswer() => Task.FromResult(Answer);

    public async Task<CancelResult> Cancel()
    {
        if (_life is null)
            return _id.IsDurable ? CancelResult.NotFound : await CancelLiveAsync();

        var lane = state.State.Lane;
        if (!_life.Cancel())
            return CancelResult.AlreadyEnded;
        await EndAsync(null, state.State.Report!.Sent);
        if (lane is not null)
            _ = TellCancelledAsync(lane);
        return CancelResult.Cancelled;
    }

    public async Task<bool> Finish(DurableOutcome outcome)
    {
        var decision = _life?.Finish(outcome.Attempt, outcome.Verdict, _clock.Now) ?? DurableFinish.Refused;
        switch (decision)
        {
            case DurableFinish.Ends:
                await EndAsync(outcome.Answer, outcome.Sent || state.State.Report!.Sent);
                return true;
            case DurableFinish.TriedAgain:
                LogRetried(_id, outcome.Attempt, outcome.Verdict);
                NoteSent(outcome.Sent);
                state.State.Lane = null;
                Arm();
                return true;
            case DurableFinish.SaidBefore:
                return Same(Answer, outcome.Answer);
            default:
                return false;
        }
    }

    private static bool Same(StoredAnswer? one, StoredAnswer? other)
    {
        if (one is null || other is null)
            return one is null && other is null;
        return one.Status == other.Status && one.Headers.SequenceEqual(other.Headers) && one.Body.Span.SequenceEqual(other.Body.Span);
    }
}
