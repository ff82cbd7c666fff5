using Switchboard.Abstractions.Requests;
using Switchboard.Api.Time;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>Holds what is kept of a request: ids, times and sizes, no content. Times are the <see cref="GatewayClock"/>'s.</summary>
internal readonly record struct RequestSummary
{
    public required AgentKey Agent { get; init; }

    public required string Method { get; init; }

    public required RequestState State { get; init; }

    public required Verdict? Verdict { get; init; }

    public required bool Sent { get; init; }

    public required uint Attempt { get; init; }

    public required TimeSpan Arrived { get; init; }

    public required TimeSpan? SentAt { get; init; }

    /// <summary>When the agent's first message arrived, which is before the caller took it.</summary>
    public required TimeSpan? ResponseBegan { get; init; }

    public required TimeSpan? FirstMessageAt { get; init; }

    public required TimeSpan? Ended { get; init; }

    public required TimeSpan Deadline { get; init; }

    public required long RequestBytes { get; init; }

    public required long ResponseBytes { get; init; }

    /// <summary>The agent's status; 0: not known.</summary>
    public required int Status { get; init; }

    public required bool Durable { get; init; }

    /// <summary>How long it waited here for an agent that was offline.</summary>
    public required TimeSpan AgentAway { get; init; }

    /// <summary>
    /// The gateway's share of the time: from arrival until it was sent, and from the agent's first message until the caller had it. A
    /// request that was never sent waited here all the time. The wait for an agent that was offline is not the gateway's.
    /// </summary>
    public TimeSpan GatewayShare
    {
        get
        {
            var before = (SentAt ?? Ended ?? Arrived) - Arrived - AgentAway;
            return ResponseBegan is { } began && FirstMessageAt is { } handed ? before + (handed - began) : before;
        }
    }

    public RequestReport ToReport(RequestId id, GatewayClock clock) => new()
    {
        RequestId = id.Value,
        AgentKey = Agent.ToString(),
        Method = Method,
        State = State,
        Verdict = Verdict,
        Sent = Sent,
        Attempt = Attempt,
        AcceptedAt = clock.ToWall(Arrived),
        SentAt = clock.ToWall(SentAt),
        FirstMessageAt = clock.ToWall(FirstMessageAt),
        EndedAt = clock.ToWall(Ended),
        Deadline = clock.ToWall(Deadline),
        RequestBytes = RequestBytes,
        ResponseBytes = ResponseBytes,
        Status = Status == 0 ? null : Status,
        Accepted202 = Durable,
    };
}
