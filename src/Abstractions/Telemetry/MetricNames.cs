namespace Switchboard.Abstractions.Telemetry;

/// <summary>
/// Defines every name of Switchboard's telemetry in OpenTelemetry's form (dots, seconds, no ids as attributes). <c>/metrics</c> shows them
/// with underscores, a unit's suffix and, for counters, <c>_total</c>. To add a metric: a name here, an instrument in the meter of the
/// project that measures it, a line in docs/operations.md (a test compares).
/// </summary>
public static class MetricNames
{
    /// <summary>The name of the meter and of the activity source.</summary>
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

    /// <summary>Sessions whose agents were asked to connect anew, because this front door held more than its share; counter.</summary>
    public const string SessionsMoved = "switchboard.sessions.moved";

    /// <summary>Requests and tasks that a caller waits for here; gauge, 0 when there are none.</summary>
    public const string RequestsPending = "switchboard.requests.pending";

    /// <summary>Requests whose callers wait for an agent that is offline, and callers that wait for a durable response; gauge.</summary>
    public const string RequestsWaiting = "switchboard.requests.waiting";

    /// <summary>Bytes of requests that wait here to be sent to their agents; gauge.</summary>
    public const string RequestBytesHeld = "switchboard.requests.held";

    /// <summary>Requests and connects that a limit rejected, by <see cref="Limit"/>; counter.</summary>
    public const string AdmissionRefused = "switchboard.admission.refused";

    /// <summary>Requests that got an id; counter.</summary>
    public const string RequestsAccepted = "switchboard.requests.accepted";

    /// <summary>Total time of a request, by <see cref="Outcome"/> (the verdict's reason); histogram, seconds.</summary>
    public const string RequestDuration = "switchboard.request.duration";

    /// <summary>Time to the first message of the response; histogram, seconds.</summary>
    public const string RequestFirstMessage = "switchboard.request.first_message";

    /// <summary>The gateway's share of a request's time; histogram, seconds.</summary>
    public const string RequestGateway = "switchboard.request.gateway";

    /// <summary>Responses that arrived for a request that had ended; counter.</summary>
    public const string ResponsesLate = "switchboard.answers.late";

    /// <summary>How long a stream of a response was paused, because its caller read too slowly; histogram, seconds.</summary>
    public const string ResponsePaused = "switchboard.answer.paused";

    /// <summary>Bytes of responses that wait for their callers; gauge.</summary>
    public const string ResponseBytesHeld = "switchboard.answers.held";

    /// <summary>Time of a task from arrival to outcome, by <see cref="Outcome"/>; histogram, seconds.</summary>
    public const string TaskDuration = "switchboard.task.duration";

    /// <summary>Outcomes of tasks that no caller waited for any more; counter.</summary>
    public const string TasksLate = "switchboard.tasks.late";

    /// <summary>Tasks that wait in a queue of this silo, by <see cref="Queue"/>; gauge.</summary>
    public const string QueueDepth = "switchboard.queue.depth";

    /// <summary>Measurements whose metric had reached its maximum of series on <c>/metrics</c>; counter.</summary>
    public const string MetricsOverflowed = "switchboard.metrics.overflowed";

    /// <summary>Agents in this silo's shards of the index; gauge.</summary>
    public const string IndexAgents = "switchboard.index.agents";

    /// <summary>Bytes of those agents; gauge.</summary>
    public const string IndexBytes = "switchboard.index.bytes";

    /// <summary>Durable requests that this silo keeps, by <see cref="State"/>; gauge.</summary>
    public const string DurableRequests = "switchboard.durable.requests";

    /// <summary>Bytes of those requests, with their responses; gauge.</summary>
    public const string DurableBytes = "switchboard.durable.bytes";

    /// <summary>Length of the storage's file; gauge, bytes. This and the next are there where the storage is SQLite.</summary>
    public const string StorageSize = "switchboard.storage.size";

    /// <summary>Length of its log, of what is not in the file itself yet; gauge, bytes.</summary>
    public const string StorageLog = "switchboard.storage.log";

    /// <summary>Writes that wait for a transaction; gauge.</summary>
    public const string StorageQueue = "switchboard.storage.queue";

    /// <summary>Transactions that the disk confirmed; counter.</summary>
    public const string StorageCommits = "switchboard.storage.commits";

    /// <summary>Writes that shared one transaction; histogram.</summary>
    public const string StorageWritesPerCommit = "switchboard.storage.commit.writes";

    /// <summary>Time of a transaction, the disk's confirmation included; histogram, seconds.</summary>
    public const string StorageCommitDuration = "switchboard.storage.commit.duration";

    /// <summary>Attribute: <c>open</c> or <c>ended</c>.</summary>
    public const string State = "state";

    /// <summary>Attribute: a queue's name; as many values as there are registered appliers.</summary>
    public const string Queue = "queue";

    /// <summary>Attribute: an outcome; a verdict's reason, or <c>connected</c> and the other outcomes of a connect.</summary>
    public const string Outcome = "outcome";

    /// <summary>Attribute: which limit, one of a closed set (docs/limits.md).</summary>
    public const string Limit = "limit";

    /// <summary>Attribute: why a session ended.</summary>
    public const string Reason = "reason";
}
