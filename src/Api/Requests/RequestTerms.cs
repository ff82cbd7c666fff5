using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Requests;

/// <summary>What is fixed about a request when it is accepted. Times are the <see cref="GatewayClock"/>'s.</summary>
internal sealed record RequestTerms
{
    /// <summary>By how much our deadline comes before the caller's own, so that our verdict still gets out.</summary>
    public static readonly TimeSpan BeforeCaller = TimeSpan.FromMilliseconds(50);

    public required AgentKey Agent { get; init; }

    public required string Method { get; init; }

    public required TimeSpan Arrived { get; init; }

    /// <summary>To the first message of the answer.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>When the caller's own call ends, whatever state the answer is in.</summary>
    public TimeSpan? CallerDeadline { get; init; }

    /// <summary>Until when the caller waits for an agent that is away; in the past: it does not.</summary>
    public TimeSpan WaitForAgentUntil { get; init; }

    public long BodyBytes { get; init; }

    /// <summary>Who the caller is, for its limits; 0: nobody in particular.</summary>
    public ulong Caller { get; init; }

    /// <summary>The caller's own id; empty: none.</summary>
    public string CallerId { get; init; } = "";

    /// <summary>The trace that it belongs to: an answer without one of its own belongs there too.</summary>
    public TraceContext Trace { get; init; }

    /// <summary>How often a durable request was sent before it came here.</summary>
    public uint EarlierAttempts { get; init; }
}
