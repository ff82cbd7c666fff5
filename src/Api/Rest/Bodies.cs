using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Presence;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>The body of 202 for a durable request.</summary>
/// <param name="RequestId">Its id.</param>
/// <param name="AgentId">The agent.</param>
/// <param name="Durable">Whether it would survive the loss of the whole process.</param>
/// <param name="Status">The URL of its state.</param>
/// <param name="Response">The URL of its response.</param>
internal sealed record AcceptedBody(string RequestId, string AgentId, bool Durable, string Status, string Response);

/// <summary>The description of a request: ids, times and sizes, no content.</summary>
internal sealed record RequestBody(
    string RequestId,
    string Tenant,
    string AgentId,
    string Method,
    string State,
    string? Reason,
    string? Fault,
    string? Retry,
    string? Detail,
    bool Sent,
    uint Attempt,
    DateTimeOffset AcceptedAt,
    DateTimeOffset? SentAt,
    DateTimeOffset? FirstMessageAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset Deadline,
    long RequestBytes,
    long AnswerBytes,
    int? Status)
{
    public static RequestBody From(RequestReport report)
    {
        var agent = AgentKey.Parse(report.AgentKey);
        var info = report.Verdict is { } verdict ? VerdictTable.Get(verdict) : null;
        return new RequestBody(
            new RequestId(report.RequestId).ToString(),
            agent.Tenant,
            agent.AgentId,
            report.Method,
            NameOf(report.State),
            info?.Reason,
            info is null ? null : NameOf(info.Fault),
            info is null ? null : Problems.Name(info.Retry),
            report.Detail.Length > 0 ? report.Detail : null,
            report.Sent,
            report.Attempt,
            report.AcceptedAt,
            report.SentAt,
            report.FirstMessageAt,
            report.EndedAt,
            report.Deadline,
            report.RequestBytes,
            report.ResponseBytes,
            report.Status);
    }

    private static string NameOf(RequestState state) => state switch
    {
        RequestState.Accepted => "accepted",
        RequestState.Sent => "sent",
        RequestState.Answering => "answering",
        _ => "ended",
    };

    private static string NameOf(Fault fault) => fault switch
    {
        Verdicts.Fault.Caller => "caller",
        Verdicts.Fault.Agent => "agent",
        Verdicts.Fault.Gateway => "gateway",
        _ => "none",
    };
}

/// <summary>The description of one agent; its session by the fingerprint.</summary>
internal sealed record AgentBody(
    string AgentId,
    string Tenant,
    string Status,
    DateTimeOffset LastSeen,
    IReadOnlyDictionary<string, string> Labels,
    string SoftwareVersion,
    string Session,
    IReadOnlyList<SessionBody>? Sessions)
{
    public static AgentBody From(AgentReport report, AgentStatus? status = null) => new(
        report.AgentId,
        report.Tenant,
        status?.Online ?? report.Online ? "online" : "offline",
        report.LastSeen,
        report.Labels,
        report.SoftwareVersion,
        new SessionId(report.Session).Fingerprint,
        status?.Sessions.Select(static s => new SessionBody(new SessionId(s.Session).Fingerprint, s.FrontDoor, s.Retiring)).ToList());
}

/// <summary>The description of one session of an agent, by its fingerprint.</summary>
internal sealed record SessionBody(string Session, int FrontDoor, bool Retiring);

/// <summary>A page of agents.</summary>
/// <param name="Agents">The agents, in the order of their ids.</param>
/// <param name="Cursor">The cursor of the next page; absent on the last.</param>
internal sealed record AgentsBody(IReadOnlyList<AgentBody> Agents, string? Cursor);

/// <summary>The cluster, as its registry has it.</summary>
/// <param name="FrontDoors">The front doors whose leases hold, by their numbers.</param>
internal sealed record ClusterBody(IReadOnlyList<FrontDoorBody> FrontDoors);

/// <summary>One front door.</summary>
/// <param name="Number">Its number, with which the ids of its requests begin.</param>
/// <param name="Name">Machine and process.</param>
/// <param name="PeerAddress">Where the others reach it; absent where it stands alone.</param>
/// <param name="Sessions">The sessions of agents that it held at its last renewal, at most 5 s ago.</param>
/// <param name="IsThis">Whether it is the one that was asked.</param>
internal sealed record FrontDoorBody(int Number, string Name, string? PeerAddress, int Sessions, bool IsThis)
{
    public static FrontDoorBody From(FrontDoorLease lease, bool isThis) => new(
        lease.Number, lease.Name, lease.PeerAddress.Length > 0 ? lease.PeerAddress : null, lease.Sessions, isThis);
}

/// <summary>The body of a health check.</summary>
internal sealed record HealthBody(string Status);

/// <summary>Problem details, for the description of the API.</summary>
internal sealed record ProblemBody(
    string Type, string Title, int Status, string? Detail, string Reason, string Retry, bool? Sent, string? RequestId);

/// <summary>A page of an agent's durable requests.</summary>
/// <param name="Requests">The requests.</param>
/// <param name="Cursor">For the next page; null on the last one.</param>
internal sealed record RequestsBody(IReadOnlyList<RequestBody> Requests, string? Cursor);
