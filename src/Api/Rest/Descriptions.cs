using Microsoft.OpenApi;
using static Switchboard.Core.Requests.Verdict;

namespace Switchboard.Api.Rest;

/// <summary>Defines the texts of <c>/openapi/v1.json</c>, for each route.</summary>
internal static class Descriptions
{
    private const string JsonType = "application/json";
    private const string TextType = "text/plain";
    private static readonly (ParameterLocation, string, string) _agentId =
        (ParameterLocation.Path, "id", "The agent's id: 1 to 128 of A-Z a-z 0-9 . _ : -");
    private static readonly (ParameterLocation, string, string) _requestId =
        (ParameterLocation.Path, "rid", "The request's id, 16 hex digits.");

    public static Description Echo { get; } = new("tasks", "echo", "Queue a task, wait until it is applied")
    {
        Text = "Tasks are applied one at a time, in order. One deadline counts from the request's arrival.",
        Body = (JsonType, "One object: `kind` is `create` or `delete`, `message` a string (optional). Nothing else is taken."),
        Responses = [(200, typeof(string), TextType, "`SUCCESS create \"hi\"`, the message quoted as in Go.")],
        Problems =
        [
            BadRequest, TooLarge, UnsupportedMediaType, Overloaded, Draining, ExpiredUnsent, TaskOutcomeUnknown, ApplierFailed, Internal,
        ],
    };

    public static Description SendRequest { get; } = new("requests", "sendRequest", "Send a request to an agent")
    {
        Text = "The body goes to the agent as it is. Status, headers and body of the answer are the agent's; the body streams. "
            + "An answer that breaks off cuts the connection.",
        Parameters =
        [
            _agentId,
            (ParameterLocation.Query, "method", "What is asked of the agent, in words that the agent knows."),
            (ParameterLocation.Query, "connect-wait", "Seconds, 0 to 60, to wait within the deadline for an agent that is away."),
            (ParameterLocation.Query, "ttl", "With respond-async: how long request and answer are kept, as 90 (seconds), 10m, 2h."),
            (ParameterLocation.Header, "Prefer", "`wait=n`: seconds to the first message of the answer. `respond-async`: "
                + "202 at once; with `wait=n`, 200 if the answer is there within n seconds, else 202."),
            (ParameterLocation.Header, "Idempotency-Key", "The caller's own id: while one with it is in flight, another is refused."),
        ],
        Body = ("application/octet-stream", "Anything, at most 4 MiB less 64 KiB."),
        Responses =
        [
            (200, typeof(byte[]), "application/octet-stream", "The agent's answer; the status may be another one that the agent chose."),
            (202, typeof(AcceptedBody), JsonType, "Accepted (respond-async); `Location` says where its state is."),
        ],
        Problems =
        [
            BadRequest, TooLarge, DuplicateId, AgentOffline, Overloaded, Draining, ExpiredUnsent, FirstMessageTimeout, Stalled,
            AgentDisconnected, AgentFailed, StorageFull, Internal,
        ],
    };

    public static Description GetRequest { get; } = new("requests", "getRequest", "What became of a request")
    {
        Parameters = [_requestId],
        Responses = [(200, typeof(RequestBody), JsonType, "Ids, times and sizes, no content.")],
        Problems = [NotFound, Draining, Internal],
    };

    public static Description ListRequests { get; } = new("requests", "listRequests", "An agent's durable requests")
    {
        Parameters =
        [
            _agentId,
            (ParameterLocation.Query, "state", "`queued`, `sent`, `answered`, `expired`, `cancelled` or `failed`."),
            (ParameterLocation.Query, "limit", "1 to 1000, default 100."),
            (ParameterLocation.Query, "cursor", "From the page before."),
        ],
        Responses = [(200, typeof(RequestsBody), JsonType, "A page, in the order in which they were accepted.")],
        Problems = [BadRequest, Unavailable, Draining, Internal],
    };

    public static Description DeleteRequest { get; } = new("requests", "cancelRequest", "Cancel a request")
    {
        Parameters = [_requestId],
        Responses =
        [
            (200, typeof(RequestBody), JsonType, "How it stands now; one that had ended before is left as it was."),
            (204, null, "", "Cancelled, and forgotten."),
        ],
        Problems = [NotFound, Draining, Internal],
    };

    public static Description GetResponse { get; } = new("requests", "getResponse", "The stored answer of a durable request")
    {
        Parameters = [_requestId],
        Responses =
        [
            (200, typeof(byte[]), "application/octet-stream", "The agent's answer; the status may be another one that the agent chose."),
            (202, typeof(RequestBody), JsonType, "Not there yet; `Retry-After` says when to ask again."),
        ],
        Problems = [NotFound, Expired, CallerCancelled, AgentDisconnected, AgentFailed, TooLarge, Draining, Internal],
    };

    public static Description ListAgents { get; } = new("agents", "listAgents", "Which agents there are")
    {
        Repeatable = "label",
        Parameters =
        [
            (ParameterLocation.Query, "label", "`key=value`; may be repeated, all must hold."),
            (ParameterLocation.Query, "status", "`online` or `offline`."),
            (ParameterLocation.Query, "limit", "1 to 1000, default 100."),
            (ParameterLocation.Query, "cursor", "From the page before."),
        ],
        Responses = [(200, typeof(AgentsBody), JsonType, "A page, in the order of the ids.")],
        Problems = [BadRequest, Draining, Internal],
    };

    public static Description Cluster { get; } = new("cluster", "getCluster", "Which front doors there are")
    {
        Responses = [(200, typeof(ClusterBody), JsonType, "The front doors whose leases hold, and how many sessions each has.")],
        Problems = [Draining, Internal],
    };

    public static Description GetAgent { get; } = new("agents", "getAgent", "One agent")
    {
        Parameters = [_agentId],
        Responses = [(200, typeof(AgentBody), JsonType, "What is known of it.")],
        Problems = [BadRequest, AgentUnknown, Draining, Internal],
    };

    public static Description KickAgent { get; } = new("agents", "kickAgent", "Send an agent away")
    {
        Text = "Every session of the agent is told `go_away kicked`, with a time after which it may come back, and ends; what it had not "
            + "begun to answer ends `agent-disconnected`.",
        Parameters = [_agentId],
        Responses = [(204, null, "", "Nobody is connected under that id any more, or nobody was.")],
        Problems = [BadRequest, Internal],
    };

    public static Description Live { get; } = new("service", "live", "Does the process run?")
    {
        AnyQuery = true,
        Responses = [(200, typeof(HealthBody), JsonType, "It does.")],
    };

    public static Description Ready { get; } = new("service", "ready", "Does it take work?")
    {
        AnyQuery = true,
        Responses = [(200, typeof(HealthBody), JsonType, "It does.")],
        Problems = [Draining, Unavailable],
    };

    public static Description Metrics { get; } = new("service", "metrics", "Metrics as Prometheus' text")
    {
        AnyQuery = true,
        Responses = [(200, typeof(string), TextType, "Version 0.0.4 of the format.")],
    };
}
