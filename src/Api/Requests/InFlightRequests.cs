using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Admission;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>
/// Holds the requests in flight at this front door, by their ids, and the summaries of the last that ended. Only <see cref="TryAdd"/> adds
/// one, and only <see cref="Close"/> removes it, called once by whichever side ends the request (R1). Thread-safe.
/// </summary>
internal sealed class InFlightRequests
{
    private readonly InFlightTable<LiveRequest, RequestSummary> _table;
    private readonly RequestOptions _options;
    private readonly GatewayClock _clock;
    private readonly TimerWheel _wheel;
    private readonly SwitchboardMeter _meter;
    private readonly Drain _drain;
    private readonly ConnectWaiters _waiters;
    private readonly AdmissionLimits _limits;
    private long _lastCall;

    public InFlightRequests(
        GatewayClock clock, TimerWheel wheel, SwitchboardMeter meter, Drain drain, ConnectWaiters waiters, AdmissionLimits limits,
        IOptions<RequestOptions> options)
    {
        _options = options.Value;
        _clock = clock;
        _wheel = wheel;
        _meter = meter;
        _drain = drain;
        _waiters = waiters;
        _limits = limits;
        _table = new(_options.MaxPending, _options.HistorySize);
        meter.ObservePending(() => _table.Count);
    }

    /// <summary>Returns a number for a response call that no other has.</summary>
    public long NextCall() => Interlocked.Increment(ref _lastCall);

    /// <summary>Gets the number of requests in flight.</summary>
    public int Count => _table.Count;

    /// <summary>Adds a request, and acquires its bytes.</summary>
    /// <returns>Null: it is in flight until <see cref="Close"/>. Otherwise the rejection; nothing was kept.</returns>
    public Rejection? TryAdd(LiveRequest request)
    {
        if (!_drain.TryEnter())
        {
            return new Rejection(Verdict.Draining, "the gateway is stopping");
        }

        if (!_limits.TryEnter(request.Terms.Caller, request.Cost, out var tooMany))
        {
            _drain.Exit();
            return new Rejection(Verdict.Overloaded, tooMany);
        }

        if (Register(request) is { } rejected)
        {
            _limits.Exit(request.Terms.Caller);
            _limits.Bytes.Release(request.Cost);
            _drain.Exit();
            return rejected;
        }

        if (!request.Terms.HandedOver)
        {
            _meter.RequestAccepted();
        }

        _wheel.Add(request, request.FirstLook);
        return null;
    }

    /// <summary>
    /// Removes a request that has just ended from everything that holds it, in this order: its id and its caller's, its session's slot, its
    /// entry among those that wait for their agent, its bytes; then its summary is kept and measured, and a drain is notified.
    /// </summary>
    public void Close(LiveRequest request)
    {
        var end = request.Conclude();
        _table.Remove(request.Id.Value, CallerKey(request), request);
        end.Holder?.Release(request);
        if (end.OwesCancel)
        {
            end.Holder?.Cancel(request.Id, end.Verdict);
        }

        _waiters.Remove(request);
        request.DropMessage();
        _limits.Exit(request.Terms.Caller);
        _table.Keep(request.Id.Value, end.Summary);
        if (!request.Terms.HandedOver)
        {
            var ended = end.Summary.Ended ?? _clock.Now;
            _meter.RequestEnded(end.Verdict, ended - end.Summary.Arrived, end.Summary.FirstMessageAt - end.Summary.Arrived, end.Summary.GatewayShare);
        }

        _drain.Exit();
    }

    /// <summary>Measures a request that was rejected: it has a verdict like any other, and is not added here.</summary>
    public void Rejected(CallerRequest request, Verdict verdict)
    {
        var took = _clock.Now - _clock.At(request.ArrivedTimestamp);
        _meter.RequestEnded(verdict, took, null, took);
    }

    /// <summary>Gets the budget of bytes: of requests until they are sent, and of responses until their callers read them.</summary>
    public ByteBudget Bytes => _limits.Bytes;

    /// <summary>Schedules a check of a request before its deadline.</summary>
    public void WakeAt(LiveRequest request, TimeSpan due) => _wheel.Add(request, due);

    /// <summary>Ends the checks of a request's deadline: its call has returned.</summary>
    public void Forget(LiveRequest request) => _wheel.Remove(request);

    /// <summary>Finds a request in flight.</summary>
    public bool TryFind(ulong id, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out LiveRequest request) =>
        _table.TryFind(id, out request);

    /// <summary>Describes a request in flight, or one that ended lately; null if neither is known by that id.</summary>
    public RequestReport? Describe(RequestId id)
    {
        if (_table.TryFind(id.Value, out var live))
        {
            return live.Summary().ToReport(id, _clock);
        }

        return _table.TryRecall(id.Value, out var ended) ? ended.ToReport(id, _clock) : null;
    }

    /// <summary>Ends what is still open when the drain time has passed, by whether it was sent.</summary>
    public void EndAll()
    {
        foreach (var request in _table.Snapshot())
        {
            var sent = request.Summary().Sent;
            request.End(sent ? Verdict.AgentDisconnected : Verdict.Draining, "the gateway is stopping");
        }
    }

    private Rejection? Register(LiveRequest request) =>
        _table.TryAdd(request.Id.Value, CallerKey(request), request) switch
        {
            RegistrationOutcome.Added => null,
            RegistrationOutcome.CallerIdInUse => new Rejection(Verdict.DuplicateId, "a request with this id is in flight"),
            RegistrationOutcome.Full => new Rejection(
                Verdict.Overloaded, _limits.Rejections.Count(AdmissionLimit.ProcessInFlight, _options.MaxPending)),
            // The gateway made the id, so this is a fault of its own and not the caller's (N6).
            _ => new Rejection(Verdict.Internal, "the request's id is taken"),
        };

    private static (string Tenant, string Id) CallerKey(LiveRequest request) => (request.Terms.Agent.Tenant, request.Terms.CallerId);
}
