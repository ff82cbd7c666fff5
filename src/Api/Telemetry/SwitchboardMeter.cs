using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Provides all of Switchboard's instruments, one object a process. Thread-safe; a call costs next to nothing without a listener.
/// </summary>
internal sealed class SwitchboardMeter
{
    private readonly ConcurrentBag<Func<long>> _pending = [];
    private readonly ConcurrentBag<Func<long>> _sessions = [];
    private readonly ConcurrentBag<Func<long>> _bytesHeld = [];
    private readonly ConcurrentBag<Func<long>> _waiting = [];
    private readonly ConcurrentBag<Func<long>> _requestBytes = [];
    private readonly Counter<long> _refused;
    private readonly Counter<long> _connects;
    private readonly Counter<long> _connectsDelayed;
    private readonly Counter<long> _sessionsEnded;
    private readonly Counter<long> _displaced;
    private readonly Counter<long> _moved;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _responsesLate;
    private readonly Counter<long> _tasksLate;
    private readonly Counter<long> _overflowed;
    private readonly Histogram<double> _requestDuration;
    private readonly Histogram<double> _firstMessage;
    private readonly Histogram<double> _gatewayShare;
    private readonly Histogram<double> _paused;
    private readonly Histogram<double> _taskDuration;

    /// <summary>Creates the instruments.</summary>
    /// <param name="factory">The host's own factory, which keeps the measurements of other hosts of the process apart.</param>
    public SwitchboardMeter(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        var meter = factory.Create(MetricNames.Meter);
        Scope = meter.Scope;
        _connects = meter.CreateCounter<long>(MetricNames.Connects, "{connect}", "Connects of agents by outcome.");
        _connectsDelayed = meter.CreateCounter<long>(MetricNames.ConnectsDelayed, "{connect}", "Connects slowed, by outcome.");
        _sessionsEnded = meter.CreateCounter<long>(MetricNames.SessionsEnded, "{session}", "Ended sessions by reason.");
        _displaced = meter.CreateCounter<long>(MetricNames.Displacements, "{session}", "Sessions that a newer one displaced.");
        _moved = meter.CreateCounter<long>(MetricNames.SessionsMoved, "{session}", "Sessions whose agents were asked to connect anew, to even out the cluster.");
        _accepted = meter.CreateCounter<long>(MetricNames.RequestsAccepted, "{request}", "Requests that got an id.");
        _responsesLate = meter.CreateCounter<long>(MetricNames.ResponsesLate, "{answer}", "Answers to requests that had ended.");
        _tasksLate = meter.CreateCounter<long>(MetricNames.TasksLate, "{task}", "Outcomes that nobody waited for any more.");
        _requestDuration = Seconds(meter, MetricNames.RequestDuration, "Whole time of a request by verdict.", Buckets.Waits);
        _firstMessage = Seconds(meter, MetricNames.RequestFirstMessage, "Time to the first message of the answer.", Buckets.Waits);
        _gatewayShare = Seconds(meter, MetricNames.RequestGateway, "The gateway's own share of a request's time.", Buckets.OwnShare);
        _paused = Seconds(meter, MetricNames.ResponsePaused, "Time an answer stood still for its caller.", Buckets.Waits);
        _taskDuration = Seconds(meter, MetricNames.TaskDuration, "Time of a task from arrival to outcome.", Buckets.Waits);
        meter.CreateObservableGauge(MetricNames.RequestsPending, () => Sum(_pending), "{request}", "Requests and tasks under way.");
        meter.CreateObservableGauge(MetricNames.Sessions, () => Sum(_sessions), "{session}", "Open sessions of agents.");
        meter.CreateObservableGauge(MetricNames.ResponseBytesHeld, () => Sum(_bytesHeld), "By", "Bytes held for answers.");
        meter.CreateObservableGauge(MetricNames.RequestBytesHeld, () => Sum(_requestBytes), "By", "Bytes of requests that are not sent yet, or not read whole.");
        _refused = meter.CreateCounter<long>(MetricNames.AdmissionRefused, "{refusal}", "Requests and connects that a limit refused.");
        _overflowed = meter.CreateCounter<long>(MetricNames.MetricsOverflowed, "{measurement}", "Measurements with one set of attributes too many.");
        meter.CreateObservableGauge(MetricNames.RequestsWaiting, () => Sum(_waiting), "{request}", "Requests that wait for an agent or for a durable answer.");
    }

    /// <summary>
    /// The source of the spans <c>agent_request_subscribe</c>, <c>agent_request_publish</c>, <c>agent_response_publish</c>.
    /// </summary>
    public static ActivitySource Activities { get; } = new(MetricNames.Meter);

    /// <summary>The scope, which distinguishes this host's instruments from those of another host in the process.</summary>
    public object? Scope { get; }

    /// <summary>Adds a callback to <c>switchboard.requests.pending</c>. It must be cheap and must not throw.</summary>
    public void ObservePending(Func<long> count) => _pending.Add(count);

    /// <summary>Adds a callback to <c>switchboard.sessions</c>. It must be cheap and must not throw.</summary>
    public void ObserveSessions(Func<long> count) => _sessions.Add(count);

    /// <summary>Adds a callback to <c>switchboard.answers.held</c>, in bytes. It must be cheap and must not throw.</summary>
    public void ObserveBytesHeld(Func<long> count) => _bytesHeld.Add(count);

    /// <summary>Adds a callback to <c>switchboard.requests.waiting</c>. It must be cheap and must not throw.</summary>
    public void ObserveWaiting(Func<long> count) => _waiting.Add(count);

    /// <summary>Adds a callback to <c>switchboard.requests.held</c>, in bytes. It must be cheap and must not throw.</summary>
    public void ObserveRequestBytesHeld(Func<long> count) => _requestBytes.Add(count);

    /// <summary>Counts a rejected request or connect.</summary>
    /// <param name="limit">The limit; one of a closed set.</param>
    public void Refused(string limit) => _refused.Add(1, new KeyValuePair<string, object?>(MetricNames.Limit, limit));

    /// <summary>Counts a session that has ended.</summary>
    /// <param name="reason">One of a closed set, never an id.</param>
    public void SessionClosed(string reason) => _sessionsEnded.Add(1, new KeyValuePair<string, object?>(MetricNames.Reason, reason));

    /// <summary>Counts a connect that has ended, successfully or not.</summary>
    /// <param name="outcome">One of a closed set, never an id.</param>
    public void Connect(string outcome) => _connects.Add(1, new KeyValuePair<string, object?>(MetricNames.Outcome, outcome));

    /// <summary>Counts a connect that had to wait and has ended, successfully or not.</summary>
    /// <param name="outcome">As for <see cref="Connect"/>.</param>
    public void ConnectDelayed(string outcome) =>
        _connectsDelayed.Add(1, new KeyValuePair<string, object?>(MetricNames.Outcome, outcome));

    /// <summary>Counts a session that a newer one displaced.</summary>
    public void Displaced() => _displaced.Add(1);

    /// <summary>Counts a session whose agent was asked to connect anew.</summary>
    public void SessionMoved() => _moved.Add(1);

    /// <summary>Counts a request that got its id.</summary>
    public void RequestAccepted() => _accepted.Add(1);

    /// <summary>Measures a request that has ended.</summary>
    /// <param name="verdict">Its verdict.</param>
    /// <param name="total">The time from its arrival.</param>
    /// <param name="toFirstMessage">The time from its arrival to the first message of the response; null: there was none.</param>
    /// <param name="gatewayShare">
    /// The part of the total that passed in the gateway rather than in waiting for the agent or the caller.
    /// </param>
    public void RequestEnded(Verdict verdict, TimeSpan total, TimeSpan? toFirstMessage, TimeSpan gatewayShare)
    {
        _requestDuration.Record(total.TotalSeconds, OutcomeOf(verdict));
        _gatewayShare.Record(gatewayShare.TotalSeconds);
        if (toFirstMessage is { } first)
        {
            _firstMessage.Record(first.TotalSeconds);
        }
    }

    /// <summary>Counts a response to a request that had ended.</summary>
    public void LateResponse() => _responsesLate.Add(1);

    /// <summary>Measures a pause of a response's stream, in which its caller did not read.</summary>
    public void ResponsePaused(TimeSpan time) => _paused.Record(time.TotalSeconds);

    /// <summary>Measures a task that has ended, as far as its caller is concerned.</summary>
    /// <param name="verdict">Its verdict.</param>
    /// <param name="total">The time from its arrival.</param>
    public void TaskEnded(Verdict verdict, TimeSpan total)
    {
        if (_taskDuration.Enabled)
        {
            _taskDuration.Record(total.TotalSeconds, OutcomeOf(verdict));
        }
    }

    /// <summary>Counts an outcome that no caller waited for any more.</summary>
    public void LateTaskOutcome() => _tasksLate.Add(1);

    /// <summary>Counts a measurement with attributes for which its metric had no series left.</summary>
    public void SeriesOverflowed() => _overflowed.Add(1);

    private static KeyValuePair<string, object?> OutcomeOf(Verdict verdict) => new(MetricNames.Outcome, VerdictTable.Get(verdict).Reason);

    private static Histogram<double> Seconds(Meter meter, string name, string description, InstrumentAdvice<double> buckets)
        => meter.CreateHistogram(name, "s", description, tags: null, buckets);

    private static long Sum(ConcurrentBag<Func<long>> callbacks)
    {
        var sum = 0L;
        foreach (var callback in callbacks)
        {
            sum += callback();
        }

        return sum;
    }
}
