using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Abstractions.Durable;

/// <summary>Specifies the outcome of keeping a new request.</summary>
public enum AcceptResult
{
    /// <summary>Kept until it ends with a response or expires.</summary>
    Accepted,

    /// <summary>The id is taken: draw another.</summary>
    DuplicateId,

    /// <summary>It would exceed a limit; nothing was kept.</summary>
    Refused,
}

/// <summary>Represents the reply to keeping a new request.</summary>
/// <param name="Result">The outcome.</param>
/// <param name="Refusal">The limit that it would exceed, if it was refused.</param>
public readonly record struct AcceptReply(AcceptResult Result, DurableRefusal Refusal = default);

/// <summary>Counts what is kept, by the estimate of <see cref="DurableCost"/>.</summary>
/// <param name="Open">Requests that have not ended.</param>
/// <param name="Ended">Requests that have ended.</param>
/// <param name="Bytes">The bytes that they take, with their responses.</param>
public readonly record struct RequestLogCounts(long Open, long Ended, long Bytes);

/// <summary>Represents one queued request with what is to be sent.</summary>
/// <param name="Request">The request.</param>
/// <param name="Payload">The serialised <c>switchboard.v1.AgentRequest</c>, without id, session, attempt and timeout.</param>
public sealed record QueuedRequest(LoggedRequest Request, ReadOnlyMemory<byte> Payload);

/// <summary>Holds queued requests of one agent.</summary>
/// <param name="Requests">Those that are due, in the order of their numbers.</param>
/// <param name="More">Whether more of them are due.</param>
/// <param name="NextIn">The time until the first of those is due that are not yet; null if there is none.</param>
public sealed record QueuedRequests(IReadOnlyList<QueuedRequest> Requests, bool More, TimeSpan? NextIn);

/// <summary>Begins an attempt.</summary>
/// <param name="Id">The request.</param>
/// <param name="Attempt">The number of the attempt: the last one's and 1.</param>
/// <param name="Session">The session that it is sent to.</param>
/// <param name="FrontDoor">The front door that holds the session.</param>
public readonly record struct AttemptClaim(ulong Id, uint Attempt, ulong Session, ushort FrontDoor);

/// <summary>Gives up an attempt.</summary>
/// <param name="Id">The request.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Sent">Whether the agent may have seen it.</param>
/// <param name="RetryIn">The time until the next attempt is due.</param>
public readonly record struct AttemptRelease(ulong Id, uint Attempt, bool Sent, TimeSpan RetryIn);

/// <summary>Represents the beginning of a response: what its first message says.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">Headers in the agent's order.</param>
public sealed record ResponseHead(int Status, IReadOnlyList<HeaderLine> Headers);

/// <summary>Represents a part of a response's body.</summary>
public sealed record ResponseChunk
{
    /// <summary>The request.</summary>
    public required ulong Id { get; init; }

    /// <summary>The attempt that it belongs to.</summary>
    public required uint Attempt { get; init; }

    /// <summary>Its index in the response, from 0. Chunks are appended in order, by one writer.</summary>
    public required int Index { get; init; }

    /// <summary>The beginning of the response; with index 0 only.</summary>
    public ResponseHead? Head { get; init; }

    /// <summary>Its bytes.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>Specifies the outcome of keeping a part of a response.</summary>
public enum AppendResult
{
    /// <summary>Kept.</summary>
    Appended,

    /// <summary>The attempt is no longer the request's current one, or the request has ended.</summary>
    NotCurrent,

    /// <summary>There is no room for it (<see cref="DurableBounds.Bytes"/>).</summary>
    NoRoom,
}

/// <summary>Ends a request.</summary>
public sealed record RequestEnd
{
    /// <summary>The request.</summary>
    public required ulong Id { get; init; }

    /// <summary>The attempt that ends it; null: whichever is current, or none.</summary>
    public uint? Attempt { get; init; }

    /// <summary>Its verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Whether the agent may have seen this attempt.</summary>
    public bool Sent { get; init; }

    /// <summary>Why there is no response, for display.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The last part of the response, if the verdict is <see cref="Verdict.Answered"/>; its body may be empty.</summary>
    public ResponseChunk? Last { get; init; }

    /// <summary>The SHA-256 of the whole response, if the verdict is <see cref="Verdict.Answered"/>.</summary>
    public ReadOnlyMemory<byte> Hash { get; init; }
}

/// <summary>Specifies the outcome of ending a request.</summary>
public enum EndResult
{
    /// <summary>It has ended by this call.</summary>
    Ended,

    /// <summary>It had ended before with the same response.</summary>
    Same,

    /// <summary>It had ended before otherwise, or the attempt is not its current one.</summary>
    Refused,

    /// <summary>It is unknown.</summary>
    NotFound,

    /// <summary>There is no room for the last part of its response.</summary>
    NoRoom,
}

/// <summary>Represents the reply to ending a request.</summary>
/// <param name="Result">The outcome.</param>
/// <param name="Ended">What was ended, if it was.</param>
public readonly record struct EndReply(EndResult Result, EndedRequest? Ended = null);

/// <summary>Represents a request that has just ended.</summary>
/// <param name="Request">The request, as it is now.</param>
/// <param name="Holder">The front door that had claimed an attempt at that moment, and must not go on with it; 0 if none had.</param>
public sealed record EndedRequest(LoggedRequest Request, ushort Holder);

/// <summary>Holds a part of a response.</summary>
/// <param name="Request">The request, as it was when the chunks were read.</param>
/// <param name="Headers">The response's headers; empty while <see cref="LoggedRequest.Status"/> is null.</param>
/// <param name="Chunks">Chunks from the one that was asked for, in order.</param>
public sealed record ResponsePage(LoggedRequest Request, IReadOnlyList<HeaderLine> Headers, IReadOnlyList<ReadOnlyMemory<byte>> Chunks);

/// <summary>Represents an open request whose time to live ends soon.</summary>
/// <param name="Id">The request.</param>
/// <param name="Left">The time until then; zero or less if it is over.</param>
public readonly record struct DueRequest(ulong Id, TimeSpan Left);

/// <summary>Specifies which requests of an agent are listed.</summary>
public enum RequestFilter
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Those that wait to be sent.</summary>
    Queued,

    /// <summary>Those that were sent and have not ended.</summary>
    Sent,

    /// <summary>Those that ended with a response.</summary>
    Answered,

    /// <summary>Those whose time to live was over before they ended.</summary>
    Expired,

    /// <summary>Those that were cancelled.</summary>
    Cancelled,

    /// <summary>Those that ended otherwise.</summary>
    Failed,
}

/// <summary>Asks for requests of an agent.</summary>
/// <param name="AgentKey">The agent's grain key.</param>
/// <param name="Filter">Which of them.</param>
/// <param name="After">The number after which the page begins; 0: from the first.</param>
/// <param name="Limit">The maximum number of them, at least 1.</param>
public sealed record RequestQuery(string AgentKey, RequestFilter Filter, long After, int Limit);

/// <summary>Holds a page of an agent's requests.</summary>
/// <param name="Requests">The requests, in the order of their numbers.</param>
/// <param name="Next">The number to continue after; null: there are no more.</param>
public sealed record RequestPage(IReadOnlyList<LoggedRequest> Requests, long? Next);
