using System.Diagnostics.CodeAnalysis;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Requests;

namespace Switchboard.Abstractions.Requests;

/// <summary>One header line; names may repeat.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.HeaderLine)]
public readonly record struct HeaderLine
{
    /// <summary>Name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Value.</summary>
    [Id(1)]
    public required string Value { get; init; }
}

/// <summary>A request on its way to an agent. Immutable: neither side ever writes to the payload.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.RequestEnvelope)]
public sealed record RequestEnvelope
{
    /// <summary>The request id.</summary>
    [Id(0)]
    public required ulong RequestId { get; init; }

    /// <summary>The agent's grain key.</summary>
    [Id(1)]
    public required string AgentKey { get; init; }

    /// <summary>The session it goes to; 0 while nobody has chosen one.</summary>
    [Id(2)]
    public ulong Session { get; init; }

    /// <summary>1 for the first time that it is sent.</summary>
    [Id(3)]
    public uint Attempt { get; init; }

    /// <summary>What is left until the first message of the answer must be there.</summary>
    [Id(4)]
    public required TimeSpan TimeLeft { get; init; }

    /// <summary>The serialised <c>switchboard.v1.AgentRequest</c>, without id, session, attempt and timeout.</summary>
    [Id(5)]
    public required ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>What became of handing a request over.</summary>
[GenerateSerializer]
public enum HandOverResult
{
    /// <summary>The session has it, the front door now owes an outcome.</summary>
    Taken = 0,

    /// <summary>That session is not there any more; ask the agent's grain again.</summary>
    NoSuchSession = 1,

    /// <summary>The session has as much in flight as it takes.</summary>
    Overloaded = 2,
}

/// <summary>What became of a request: ids, times and sizes, no content.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.RequestReport)]
public sealed record RequestReport
{
    /// <summary>The request id.</summary>
    [Id(0)]
    public required ulong RequestId { get; init; }

    /// <summary>The agent's grain key.</summary>
    [Id(1)]
    public required string AgentKey { get; init; }

    /// <summary>The request's method, as the caller gave it.</summary>
    [Id(2)]
    public string Method { get; init; } = "";

    /// <summary>Where it stands.</summary>
    [Id(3)]
    public required RequestState State { get; init; }

    /// <summary>How it ended; null while it is open.</summary>
    [Id(4)]
    public Verdict? Verdict { get; init; }

    /// <summary>Was it sent to the agent?</summary>
    [Id(5)]
    public required bool Sent { get; init; }

    /// <summary>How often it was sent.</summary>
    [Id(6)]
    public uint Attempt { get; init; }

    /// <summary>When it arrived.</summary>
    [Id(7)]
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it was written to the agent.</summary>
    [Id(8)]
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When the first message of the answer went to the caller.</summary>
    [Id(9)]
    public DateTimeOffset? FirstMessageAt { get; init; }

    /// <summary>When it ended.</summary>
    [Id(10)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it ends at the latest without a first message.</summary>
    [Id(11)]
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>Bytes of the request's body.</summary>
    [Id(12)]
    public long RequestBytes { get; init; }

    /// <summary>Bytes of the answer's body so far.</summary>
    [Id(13)]
    public long AnswerBytes { get; init; }

    /// <summary>The agent's status, once known.</summary>
    [Id(14)]
    public int? Status { get; init; }

    /// <summary>Was the request accepted with 202, and is it kept until it is answered or expires?</summary>
    [Id(15)]
    public bool Accepted202 { get; init; }
}

/// <summary>The answer of a durable request, whole.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.StoredAnswer)]
public sealed record StoredAnswer
{
    /// <summary>HTTP status.</summary>
    [Id(0)]
    public required int Status { get; init; }

    /// <summary>Headers in the agent's order.</summary>
    [Id(1)]
    public required IReadOnlyList<HeaderLine> Headers { get; init; }

    /// <summary>The body, all messages one after another.</summary>
    [Id(2)]
    public required ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>How one attempt at a durable request ended at the agent's front door.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.DurableOutcome)]
public sealed record DurableOutcome
{
    /// <summary>The attempt.</summary>
    [Id(0)]
    public required uint Attempt { get; init; }

    /// <summary>Its verdict.</summary>
    [Id(1)]
    public required Verdict Verdict { get; init; }

    /// <summary>Was it written to the agent?</summary>
    [Id(2)]
    public required bool Sent { get; init; }

    /// <summary>The answer, where the verdict is <see cref="Verdict.Answered"/>.</summary>
    [Id(3)]
    public StoredAnswer? Answer { get; init; }
}

/// <summary>
/// What is written down of a durable request. Stores write it with whichever serialiser they have, JSON among them, so that it has
/// byte arrays where the messages have memory.
/// </summary>
[GenerateSerializer, Alias(Names.Types.DurableRequestState)]
public sealed class DurableRequestState
{
    /// <summary>Version of this layout; only ever added to.</summary>
    [Id(0)]
    public int SchemaVersion { get; set; } = 1;

    /// <summary>What became of it so far; null where nothing was accepted under this id.</summary>
    [Id(1)]
    public RequestReport? Report { get; set; }

    /// <summary>The payload to send; empty once it has ended.</summary>
    [Id(2)]
    [SuppressMessage("Performance", "CA1819", Justification = "State, which only its grain touches.")]
    public byte[] Payload { get; set; } = [];

    /// <summary>When it expires unanswered.</summary>
    [Id(3)]
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The front door that owes the last attempt's outcome; null where none does.</summary>
    [Id(4)]
    public IFrontDoorLane? Lane { get; set; }

    /// <summary>Headers of the recorded answer; null where there is none. Its status is in the report.</summary>
    [Id(5)]
    public IReadOnlyList<HeaderLine>? AnswerHeaders { get; set; }

    /// <summary>Body of the recorded answer.</summary>
    [Id(6)]
    [SuppressMessage("Performance", "CA1819", Justification = "State, which only its grain touches.")]
    public byte[] AnswerBody { get; set; } = [];
}
