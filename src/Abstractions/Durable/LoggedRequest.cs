using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Abstractions.Durable;

/// <summary>Specifies where a durable request is in its life. The numbers are persisted.</summary>
public enum LoggedState : byte
{
    /// <summary>It waits to be sent.</summary>
    Queued = 0,

    /// <summary>A front door has claimed an attempt: it was sent to the agent, or is about to be.</summary>
    Claimed = 1,

    /// <summary>It has its verdict.</summary>
    Ended = 2,
}

/// <summary>Describes a durable request that is to be kept.</summary>
public sealed record NewRequest
{
    /// <summary>Its id, of front-door number 0.</summary>
    public required ulong Id { get; init; }

    /// <summary>The agent's grain key.</summary>
    public required string AgentKey { get; init; }

    /// <summary>Its method.</summary>
    public required string Method { get; init; }

    /// <summary>When it arrived, by the front door's clock.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>How long it may take until it ends; counted from now by the storage's clock.</summary>
    public required TimeSpan TimeToLive { get; init; }

    /// <summary>The time from an attempt's start to the first message of its response.</summary>
    public required TimeSpan FirstMessage { get; init; }

    /// <summary>The bytes of its body.</summary>
    public required long RequestBytes { get; init; }

    /// <summary>The serialised <c>switchboard.v1.AgentRequest</c>, without id, session, attempt and timeout.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Whether a caller waits for its end, so that its grain is to be told.</summary>
    public bool Watched { get; init; }
}

/// <summary>Describes a durable request, without payload and response.</summary>
public sealed record LoggedRequest
{
    /// <summary>Its id.</summary>
    public required ulong Id { get; init; }

    /// <summary>The agent's grain key.</summary>
    public required string AgentKey { get; init; }

    /// <summary>Its number among the requests of its agent, rising from 1 in the order in which they were accepted.</summary>
    public required long Number { get; init; }

    /// <summary>Its method.</summary>
    public required string Method { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required LoggedState State { get; init; }

    /// <summary>How it ended; null while it is open.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>Whether an agent may have seen an attempt that is over. One that is claimed may be seen at any moment.</summary>
    public bool Sent { get; init; }

    /// <summary>When its next attempt is due, if it is queued.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The number of its last attempt, from 1; 0 before the first.</summary>
    public uint Attempt { get; init; }

    /// <summary>The session of the last attempt.</summary>
    public ulong Session { get; init; }

    /// <summary>The front door of the last attempt.</summary>
    public ushort FrontDoor { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When the last attempt began.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When the first part of the response was kept.</summary>
    public DateTimeOffset? FirstMessageAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When its time to live is over.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The time from an attempt's start to the first message of its response.</summary>
    public required TimeSpan FirstMessage { get; init; }

    /// <summary>The bytes of its body.</summary>
    public long RequestBytes { get; init; }

    /// <summary>The bytes of the response's body that are kept.</summary>
    public long ResponseBytes { get; init; }

    /// <summary>The response's status; null while nothing of a response is kept.</summary>
    public int? Status { get; init; }

    /// <summary>Why there is no response, for display; it may quote the agent.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Whether a caller waits for its end.</summary>
    public bool Watched { get; init; }

    /// <summary>Describes it as its callers see it.</summary>
    public RequestReport ToReport() => new()
    {
        RequestId = Id,
        AgentKey = AgentKey,
        Method = Method,
        State = State switch
        {
            LoggedState.Queued => RequestState.Accepted,
            LoggedState.Claimed when FirstMessageAt is null => RequestState.Sent,
            LoggedState.Claimed => RequestState.Answering,
            _ => RequestState.Ended,
        },
        Verdict = Verdict,
        Sent = Sent || State == LoggedState.Claimed,
        Attempt = Attempt,
        AcceptedAt = AcceptedAt,
        SentAt = SentAt,
        FirstMessageAt = FirstMessageAt,
        EndedAt = EndedAt,
        Deadline = ExpiresAt,
        RequestBytes = RequestBytes,
        ResponseBytes = ResponseBytes,
        Status = Status,
        Accepted202 = true,
        Detail = Detail,
    };
}
