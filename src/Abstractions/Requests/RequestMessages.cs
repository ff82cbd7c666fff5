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
