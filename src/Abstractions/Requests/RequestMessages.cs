using System.Diagnostics.CodeAnalysis;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Requests;

namespace Switchboard.Abstractions.Requests;

/// <summary>Represents one header line; names may repeat.</summary>
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

/// <summary>Represents a request on its way to an agent. Immutable: neither side ever writes to the payload.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.RequestEnvelope)]
public sealed record RequestEnvelope
{
    /// <summary>The request id.</summary>
    [Id(0)]
    public required ulong RequestId { get; init; }

    /// <summary>The agent's grain key.</summary>
    [Id(1)]
    public required string AgentKey { get; init; }

    /// <summary>The session that it goes to; 0 while none is chosen.</summary>
    [Id(2)]
    public ulong Session { get; init; }

    /// <summary>The number of the attempt, from 1.</summary>
    [Id(3)]
    public uint Attempt { get; init; }

    /// <summary>The time left until the first message of the response is due.</summary>
    [Id(4)]
    public required TimeSpan TimeLeft { get; init; }

    /// <summary>The serialised <c>switchboard.v1.AgentRequest</c>, without id, session, attempt and timeout.</summary>
    [Id(5)]
    public required ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>Specifies the outcome of handing a request over.</summary>
[GenerateSerializer]
public enum HandOverResult
{
    /// <summary>The session has taken it; the front door must report an outcome.</summary>
    Taken = 0,

    /// <summary>The session does not exist any more; the agent's grain is to be asked again.</summary>
    NoSuchSession = 1,

    /// <summary>The session has as many requests in flight as it may have.</summary>
    Overloaded = 2,
}

/// <summary>Describes a request: ids, times and sizes, no content.</summary>
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

    /// <summary>The state.</summary>
    [Id(3)]
    public required RequestState State { get; init; }

    /// <summary>The verdict; null while it is open.</summary>
    [Id(4)]
    public Verdict? Verdict { get; init; }

    /// <summary>Whether it was sent to the agent.</summary>
    [Id(5)]
    public required bool Sent { get; init; }

    /// <summary>The number of times that it was sent.</summary>
    [Id(6)]
    public uint Attempt { get; init; }

    /// <summary>When it arrived.</summary>
    [Id(7)]
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it was written to the agent.</summary>
    [Id(8)]
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When the first message of the response was written to the caller.</summary>
    [Id(9)]
    public DateTimeOffset? FirstMessageAt { get; init; }

    /// <summary>When it ended.</summary>
    [Id(10)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The deadline of the first message.</summary>
    [Id(11)]
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>Bytes of the request's body.</summary>
    [Id(12)]
    public long RequestBytes { get; init; }

    /// <summary>Bytes of the response's body so far.</summary>
    [Id(13)]
    public long ResponseBytes { get; init; }

    /// <summary>The agent's status; null while it is not known.</summary>
    [Id(14)]
    public int? Status { get; init; }

    /// <summary>Whether the request is durable: accepted with 202, and kept until it ends with a response or expires.</summary>
    [Id(15)]
    public bool Accepted202 { get; init; }

    /// <summary>
    /// Why a durable request ended without a response, for display: it may quote the agent. Empty if there is nothing to add, and for live
    /// requests, whose callers have received it.
    /// </summary>
    [Id(16)]
    public string Detail { get; init; } = "";
}

/// <summary>Holds the complete response of a durable request.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.StoredResponse)]
public sealed record StoredResponse
{
    /// <summary>HTTP status.</summary>
    [Id(0)]
    public required int Status { get; init; }

    /// <summary>Headers in the agent's order.</summary>
    [Id(1)]
    public required IReadOnlyList<HeaderLine> Headers { get; init; }

    /// <summary>The body, all messages concatenated.</summary>
    [Id(2)]
    public required ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>Describes how one attempt at a durable request ended at the agent's front door.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.DurableOutcome)]
public sealed record DurableOutcome
{
    /// <summary>The attempt.</summary>
    [Id(0)]
    public required uint Attempt { get; init; }

    /// <summary>Its verdict.</summary>
    [Id(1)]
    public required Verdict Verdict { get; init; }

    /// <summary>Whether it was written to the agent.</summary>
    [Id(2)]
    public required bool Sent { get; init; }

    /// <summary>The response, if the verdict is <see cref="Verdict.Answered"/>.</summary>
    [Id(3)]
    public StoredResponse? Response { get; init; }

    /// <summary>Why there is no response, for display; some hundred characters at most.</summary>
    [Id(4)]
    public string Detail { get; init; } = "";
}

/// <summary>
/// Holds what is persisted of a durable request. Stores use different serializers, JSON among them, so it has byte arrays where the
/// messages have memory.
/// </summary>
[GenerateSerializer, Alias(Names.Types.DurableRequestState)]
public sealed class DurableRequestState
{
    /// <summary>The version of this layout; properties are only ever added.</summary>
    [Id(0)]
    public int SchemaVersion { get; set; } = 1;

    /// <summary>The current report; null if nothing was accepted under this id.</summary>
    [Id(1)]
    public RequestReport? Report { get; set; }

    /// <summary>The payload to send; empty once it has ended.</summary>
    [Id(2)]
    [SuppressMessage("Performance", "CA1819", Justification = "State, which only its grain touches.")]
    public byte[] Payload { get; set; } = [];

    /// <summary>When it expires if it has not ended.</summary>
    [Id(3)]
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The front door that must report the last attempt's outcome; null if none must.</summary>
    [Id(4)]
    public IFrontDoorObserver? Observer { get; set; }

    /// <summary>Headers of the recorded response; null if there is none. Its status is in the report.</summary>
    [Id(5)]
    public IReadOnlyList<HeaderLine>? ResponseHeaders { get; set; }

    /// <summary>Body of the recorded response.</summary>
    [Id(6)]
    [SuppressMessage("Performance", "CA1819", Justification = "State, which only its grain touches.")]
    public byte[] ResponseBody { get; set; } = [];
}
