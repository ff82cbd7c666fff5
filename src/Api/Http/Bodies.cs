using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Presence;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Errors;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Http;

/// <summary>A durable request was accepted.</summary>
/// <param name="RequestId">Its id.</param>
/// <param name="AgentId">The agent asked.</param>
/// <param name="Durable">Would it survive the loss of the whole process?</param>
/// <param name="Status">Where its state is.</param>
/// <param name="Response">Where its answer will be.</param>
internal sealed record AcceptedBody(string RequestId, string AgentId, bool Durable, string Status, string Response);

/// <summary>What became of a request: ids, times and sizes, no content.</summary>
internal sealed record RequestBody(
    string RequestId,
    string Tenant,
    string AgentId,
    string Method,
    string State,
    string? Reason,
    string? Fault,
    string? Retry,
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
            report.Sent,
            report.Attempt,
            report.AcceptedAt,
            report.SentAt,
            report.FirstMessageAt,
            report.EndedAt,
            report.Deadline,
            report.RequestBytes,
            report.AnswerBytes,
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
        Errors.Fault.Caller => "caller",
        Errors.Fault.Agent => "agent",
        Errors.Fault.Gateway => "gateway",
        _ => "none",
    };
}

/// <summary>One agent; its session by the fingerprint.</summary>
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

/// <summary>One session of an agent, by its fingerprint.</summary>
internal sealed record SessionBody(string Session, int FrontDoor, bool Retiring);

/// <summary>A page of agents.</summary>
/// <param name="Agents">The agents, in the order of their ids.</param>
/// <param name="Cursor">For the next page; absent on the last.</param>
internal sealed record AgentsBody(IReadOnlyList<AgentBody> Agents, string? Cursor);

/// <summary>A health answer.</summary>
internal sealed record HealthBody(string Status);

/// <summary>Problem details, for the description of the API.</summary>
internal sealed record ProblemBody(
    string Type, string Title, int Status, string? Detail, string Reason, string Retry, bool? Sent, string? RequestId);
