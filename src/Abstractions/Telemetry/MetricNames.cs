namespace Switchboard.Abstractions.Telemetry;

/// <summary>
/// Every name that Switchboard's telemetry has: OpenTelemetry's shape (dots, seconds, no ids as attributes). <c>/metrics</c> shows
/// them with underscores, a unit's and, for counters, <c>_total</c> at the end.
/// To add a metric: a name here, an instrument in the meter of the project that measures it, a line in docs/operations.md (a test looks).
/// </summary>
public static class MetricNames
{
    /// <summary>The meter's and the activity source's name.</summary>
    public const string Meter = "Switchboard";

    /// <summary>Open sessions of agents at this front door; gauge.</summary>
    public const string Sessions = "switchboard.sessions";

    /// <summary>Connects of agents, by <see cref="Outcome"/>; counter.</summary>
    public const string Connects = "switchboard.connects";

    /// <summary>
    /// Connects that had to wait because sessions of their agent displace one another too fast, by <see cref="Outcome"/>; counter.
    /// </summary>
    public const string ConnectsDelayed = "switchboard.connects.delayed";

    /// <summary>Ended sessions, by <see cref="Reason"/>; counter.</summary>
    public const string SessionsEnded = "switchboard.sessions.ended";

    /// <summary>Sessions that a newer one displaced; counter.</summary>
    public const string Displacements = "switchboard.sessions.displaced";

    /// <summary>Requests and tasks that a caller waits for here; gauge, 0 when nobody does.</summary>
    public const string RequestsPending = "switchboard.requests.pending";

    /// <summary>Requests whose callers wait for an agent that is away, and callers that wait for a durable answer; gauge.</summary>
    public const string RequestsWaiting = "switchboard.requests.waiting";

    /// <summary>Bytes of requests that wait here to be sent to their agents; gauge.</summary>
    public const string RequestBytesHeld = "switchboard.requests.held";

    /// <summary>What a limit refused, by <see cref="Limit"/>: requests and connects; counter.</summary>
    public const string AdmissionRefused = "switchboard.admission.refused";

    /// <summary>Requests that got an id; counter.</summary>
    public const string RequestsAccepted = "switchboard.requests.accepted";

    /// <summary>Whole time of a request, by <see cref="Outcome"/> (the verdict's reason); histogram, seconds.</summary>
    public const string RequestDuration = "switchboard.request.duration";

    /// <summary>Time to the first message of the answer; histogram, seconds.</summary>
    public const string RequestFirstMessage = "switchboard.request.first_message";

    /// <summary>The gateway's own share of a request's time; histogram, seconds.</summary>
    public const string RequestGateway = "switchboard.request.gateway";

    /// <summary>Answers that came for a request that had ended; counter.</summary>
    public const string AnswersLate = "switchboard.answers.late";

    /// <summary>How long a stream of an answer stood paused, because its caller could take no more; histogram, seconds.</summary>
    public const string AnswerPaused = "switchboard.answer.paused";

    /// <summary>Bytes held for answers that their callers have not taken yet; gauge.</summary>
    public const string AnswerBytesHeld = "switchboard.answers.held";

    /// <summary>Time of a task from arrival to outcome, by <see cref="Outcome"/>; histogram, seconds.</summary>
    public const string TaskDuration = "switchboard.task.duration";

    /// <summary>Outcomes of tasks that nobody waited for any more; counter.</summary>
    public const string TasksLate = "switchboard.tasks.late";

    /// <summary>Tasks that wait in a queue of this silo, by <see cref="Queue"/>; gauge.</summary>
    public const string QueueDepth = "switchboard.queue.depth";

    /// <summary>Measurements whose metric had its most series on <c>/metrics</c> already; counter.</summary>
    public const string MetricsOverflowed = "switchboard.metrics.overflowed";

    /// <summary>Agents that this silo's shards of the index know; gauge.</summary>
    public const string IndexAgents = "switchboard.index.agents";

    /// <summary>Bytes that they take; gauge.</summary>
    public const string IndexBytes = "switchboard.index.bytes";

    /// <summary>Attribute: a queue's name; there are as many as appliers are registered.</summary>
    public const string Queue = "queue";

    /// <summary>Attribute: how it ended; a verdict's reason, or <c>connected</c> and what else a connect ends with.</summary>
    public const string Outcome = "outcome";

    /// <summary>Attribute: which limit, one of a closed set (docs/limits.md).</summary>
    public const string Limit = "limit";

    /// <summary>Attribute: why a session ended.</summary>
    public const string Reason = "reason";
}
