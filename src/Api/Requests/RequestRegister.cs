using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Admission;
using Switchboard.Api.Hosting;
using Switchboard.Api.Sessions;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>
/// This front door's books: who waits for an answer, under which id, and what became of the last requests. <see cref="Close"/> is the
/// one way out of them, taken once by whichever side ends the request (R1).
/// </summary>
internal sealed class RequestRegister
{
    private readonly RequestBooks<LiveRequest, EndedRequest> _books;
    private readonly DeadlineWheel _wheel;
    private readonly SwitchboardMeter _meter;
    private readonly Drain _drain;
    private readonly AgentArrivals _arrivals;

    public RequestRegister(
        GatewayClock clock, DeadlineWheel wheel, SwitchboardMeter meter, Drain drain, AgentArrivals arrivals, AdmissionLimits limits,
        IOptions<RequestOptions> options)
    {
        Clock = clock;
        Options = options.Value;
        _wheel = wheel;
        _meter = meter;
        _drain = drain;
        _arrivals = arrivals;
        Limits = limits;
        _books = new(Options.MaxPending, Options.HistorySize);
        meter.ObservePending(() => _books.Count);
    }

    public GatewayClock Clock { get; }

    public RequestOptions Options { get; }

    public AdmissionLimits Limits { get; }

    public int Count => _books.Count;

    /// <summary>Bytes of answers that wait here for their callers.</summary>
    public long BytesHeld => Limits.Bytes.Told;

    public void Held(long bytes) => Limits.Bytes.Tell(bytes);

    /// <summary>Enters a request.</summary>
    /// <returns>Null: it is in the books, until <see cref="Close"/>. Otherwise why not; nothing was kept.</returns>
    public (Verdict Verdict, string Detail)? Open(LiveRequest request)
    {
        if (!_drain.TryEnter())
            return (Verdict.Draining, "the gateway is stopping");
        if (!Limits.TryEnter(request.Terms.Caller, request.Cost, out string? tooMany))
        {
            _drain.Exit();
            return (Verdict.Overloaded, tooMany);
        }
        if (OpenCounted(request) is not { } refused)
        {
            _meter.RequestAccepted();
            _wheel.Add(request, request.FirstLook);
            return null;
        }
        Limits.Exit(request.Terms.Caller);
        Limits.Bytes.Give(request.Cost);
        _drain.Exit();
        return refused;
    }

    /// <summary>Notes that a request was not let in: it has a verdict like any other, and no place here.</summary>
    public void Refused(CallerRequest request, Verdict verdict)
    {
        TimeSpan took = Clock.Now - Clock.At(request.ArrivedTimestamp);
        _meter.RequestEnded(verdict, took, null, took);
    }

    /// <summary>Takes a request that has just ended out of everything that holds it.</summary>
    public void Close(LiveRequest request)
    {
        _books.Close(request.Id.Value, CallerKey(request), request);
        var (session, verdict, tell) = request.Farewell();
        session?.Release(request);
        if (tell)
            session?.Tell(Controls.Cancel(request.Id, verdict));
        _arrivals.Leave(request);
        Limits.Exit(request.Terms.Caller);
        EndedRequest summary = request.Summary();
        _books.Keep(request.Id.Value, summary);
        TimeSpan ended = summary.Ended ?? Clock.Now;
        _meter.RequestEnded(verdict, ended - summary.Arrived, summary.FirstMessageAt - summary.Arrived, summary.GatewayShare);
        _drain.Exit();
    }

    /// <summary>It wants to be looked at before its deadline.</summary>
    public void WakeAt(LiveRequest request, TimeSpan due) => _wheel.Add(request, due);

    /// <summary>Nobody looks after it any more: its call has returned.</summary>
    public void Forget(LiveRequest request) => _wheel.Remove(request);

    public bool TryFind(ulong id, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out LiveRequest request) =>
        _books.TryFind(id, out request);

    public RequestReport? Describe(RequestId id)
    {
        if (_books.TryFind(id.Value, out LiveRequest? live))
            return live.Summary().ToReport(id, Clock);
        return _books.TryRecall(id.Value, out EndedRequest ended) ? ended.ToReport(id, Clock) : null;
    }

    /// <summary>Ends what is still open when the drain time is over, with the truth about each.</summary>
    public void EndAll()
    {
        foreach (LiveRequest request in _books.Snapshot())
        {
            bool sent = request.Summary().Sent;
            request.End(sent ? Verdict.AgentDisconnected : Verdict.Draining, "the gateway is stopping");
        }
    }

    private (Verdict Verdict, string Detail)? OpenCounted(LiveRequest request) =>
        _books.Open(request.Id.Value, CallerKey(request), request) switch
        {
            OpenOutcome.Opened => null,
            OpenOutcome.CallerIdInUse => (Verdict.DuplicateId, "a request with this id is in flight"),
            OpenOutcome.Full => (Verdict.Overloaded, Limits.Refusals.Count(AdmissionLimit.ProcessInFlight, Options.MaxPending)),
            // N6: the gateway made the id, so this is a fault of its own and not the caller's.
            _ => (Verdict.Internal, "the request's id is taken"),
        };

    private static (string Tenant, string Id) CallerKey(LiveRequest request) => (request.Terms.Agent.Tenant, request.Terms.CallerId);
}
