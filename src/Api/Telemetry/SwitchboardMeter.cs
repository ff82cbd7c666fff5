using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Errors;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// All of Switchboard's instruments, one object a process. Thread-safe; a call costs next to nothing while nobody listens.
/// </summary>
public sealed class SwitchboardMeter
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
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _answersLate;
    private readonly Counter<long> _tasksLate;
    private readonly Counter<long> _overflowed;
    private readonly Histogram<double> _requestDuration;
    private readonly Histogram<double> _firstMessage;
    private readonly Histogram<double> _gatewayShare;
    private readonly Histogram<double> _paused;
    private readonly Histogram<double> _taskDuration;

    /// <summary>Makes the instruments.</summary>
    /// <param name="factory">The host's own factory: what another host of the same process measures stays apart.</param>
    public SwitchboardMeter(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        var meter = factory.Create(MetricNames.Meter);
        Scope = meter.Scope;
        _connects = meter.CreateCounter<long>(MetricNames.Connects, "{connect}", "Connects of agents by outcome.");
        _connectsDelayed = meter.CreateCounter<long>(MetricNames.ConnectsDelayed, "{connect}", "Connects slowed, by outcome.");
        _sessionsEnded = meter.CreateCounter<long>(MetricNames.SessionsEnded, "{session}", "Ended sessions by reason.");
        _displaced = meter.CreateCounter<long>(MetricNames.Displacements, "{session}", "Sessions that a newer one displaced.");
        _accepted = meter.CreateCounter<long>(MetricNames.RequestsAccepted, "{request}", "Requests that got an id.");
        _answersLate = meter.CreateCounter<long>(MetricNames.AnswersLate, "{answer}", "Answers to requests that had ended.");
        _tasksLate = meter.CreateCounter<long>(MetricNames.TasksLate, "{task}", "Outcomes that nobody waited for any more.");
        _requestDuration = Seconds(meter, MetricNames.RequestDuration, "Whole time of a request by verdict.", Buckets.Waits);
        _firstMessage = Seconds(meter, MetricNames.RequestFirstMessage, "Time to the first message of the answer.", Buckets.Waits);
        _gatewayShare = Seconds(meter, MetricNames.RequestGateway, "The gateway's own share of a request's time.", Buckets.OwnShare);
        _paused = Seconds(meter, MetricNames.AnswerPaused, "Time an answer stood still for its caller.", Buckets.Waits);
        _taskDuration = Seconds(meter, MetricNames.TaskDuration, "Time of a task from arrival to outcome.", Buckets.Waits);
        meter.CreateObservableGauge(MetricNames.RequestsPending, () => Sum(_pending), "{request}", "Requests and tasks under way.");
        meter.CreateObservableGauge(MetricNames.Sessions, () => Sum(_sessions), "{session}", "Open sessions of agents.");
        meter.CreateObservableGauge(MetricNames.AnswerBytesHeld, () => Sum(_bytesHeld), "By", "Bytes held for answers.");
        meter.CreateObservableGauge(MetricNames.RequestBytesHeld, () => Sum(_requestBytes), "By", "Bytes of requests that are not sent yet, or not read whole.");
        _refused = meter.CreateCounter<long>(MetricNames.AdmissionRefused, "{refusal}", "Requests and connects that a limit refused.");
        _overflowed = meter.CreateCounter<long>(MetricNames.MetricsOverflowed, "{measurement}", "Measurements with one set of attributes too many.");
        meter.CreateObservableGauge(MetricNames.RequestsWaiting, () => Sum(_waiting), "{request}", "Requests that wait for an agent or for a durable answer.");
    }

    /// <summary>Spans: <c>agent_request_subscribe</c>, <c>agent_request_publish</c>, <c>agent_response_publish</c>.</summary>
    public static ActivitySource Activities { get; } = new(MetricNames.Meter);

    /// <summary>What tells this host's instruments from those of another host in the process.</summary>
    public object? Scope { get; }

    /// <summary>Adds to what <c>switchboard.requests.pending</c> counts. The callback must be cheap and must not throw.</summary>
    public void ObservePending(Func<long> count) => _pending.Add(count);

    /// <summary>Adds to what <c>switchboard.sessions</c> counts. The callback must be cheap and must not throw.</summary>
    public void ObserveSessions(Func<long> count) => _sessions.Add(count);

    /// <summary>Adds to what <c>switchboard.answers.held</c> counts, in bytes. The callback must be cheap and must not throw.</summary>
    public void ObserveBytesHeld(Func<long> count) => _bytesHeld.Add(count);

    /// <summary>Adds to what <c>switchboard.requests.waiting</c> counts. The callback must be cheap and must not throw.</summary>
    public void ObserveWaiting(Func<long> count) => _waiting.Add(count);

    /// <summary>Adds to what <c>switchboard.requests.held</c> counts, in bytes. The callback must be cheap and must not throw.</summary>
    public void ObserveRequestBytesHeld(Func<long> count) => _requestBytes.Add(count);

    /// <summary>A request or a connect was refused.</summary>
    /// <param name="limit">By which limit; one of a closed set.</param>
    public void Refused(string limit) => _refused.Add(1, new KeyValuePair<string, object?>(MetricNames.Limit, limit));

    /// <summary>A session is over.</summary>
    /// <param name="reason">One of a fixed few words, never an id.</param>
    public void SessionClosed(string reason) => _sessionsEnded.Add(1, new KeyValuePair<string, object?>(MetricNames.Reason, reason));

    /// <summary>A connect has ended, well or not.</summary>
    /// <param name="outcome">One of a fixed few words, never an id.</param>
    public void Connect(string outcome) => _connects.Add(1, new KeyValuePair<string, object?>(MetricNames.Outcome, outcome));

    /// <summary>A connect that had to wait has ended, well or not.</summary>
    /// <param name="outcome">As for <see cref="Connect"/>.</param>
    public void ConnectDelayed(string outcome) =>
        _connectsDelayed.Add(1, new KeyValuePair<string, object?>(MetricNames.Outcome, outcome));

    /// <summary>A newer session displaced an older one.</summary>
    public void Displaced() => _displaced.Add(1);

    /// <summary>A request got its id.</summary>
    public void RequestAccepted() => _accepted.Add(1);

    /// <summary>A request is over.</summary>
    /// <param name="verdict">How.</param>
    /// <param name="total">From its arrival.</param>
    /// <param name="toFirstMessage">From its arrival to the first message of the answer; null: there was none.</param>
    /// <param name="gatewayShare">Of the whole, what passed in the gateway rather than in waiting for the agent or the caller.</param>
    public void RequestEnded(Verdict verdict, TimeSpan total, TimeSpan? toFirstMessage, TimeSpan gatewayShare)
    {
        _requestDuration.Record(total.TotalSeconds, OutcomeOf(verdict));
        _gatewayShare.Record(gatewayShare.TotalSeconds);
        if (toFirstMessage is { } first)
        {
            _firstMessage.Record(first.TotalSeconds);
        }
    }

    /// <summary>An answer came for a request that had ended.</summary>
    public void LateAnswer() => _answersLate.Add(1);

    /// <summary>An answer's stream went on after it had stood still for its caller.</summary>
    public void AnswerPaused(TimeSpan time) => _paused.Record(time.TotalSeconds);

    /// <summary>A task is over, as far as its caller is concerned.</summary>
    /// <param name="verdict">How.</param>
    /// <param name="total">From its arrival.</param>
    public void TaskEnded(Verdict verdict, TimeSpan total)
    {
        if (_taskDuration.Enabled)
        {
            _taskDuration.Record(total.TotalSeconds, OutcomeOf(verdict));
        }
    }

    /// <summary>An outcome came that nobody waited for any more.</summary>
    public void LateTaskOutcome() => _tasksLate.Add(1);

    /// <summary>A measurement came with attributes for which its metric had no series left.</summary>
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
