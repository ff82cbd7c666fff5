using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Requests;

/// <summary>Holds the terms that are fixed when a request is accepted. Times are the <see cref="GatewayClock"/>'s.</summary>
internal sealed record RequestTerms
{
    /// <summary>The time by which our deadline precedes the caller's own, so that our verdict still reaches the caller.</summary>
    public static readonly TimeSpan BeforeCaller = TimeSpan.FromMilliseconds(50);

    public required AgentKey Agent { get; init; }

    public required string Method { get; init; }

    public required TimeSpan Arrived { get; init; }

    /// <summary>The deadline of the first message of the response.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>When the caller's own call ends, whatever state the response is in.</summary>
    public TimeSpan? CallerDeadline { get; init; }

    /// <summary>Until when the caller waits for an agent that is offline; in the past: it does not wait.</summary>
    public TimeSpan WaitForAgentUntil { get; init; }

    public long BodyBytes { get; init; }

    /// <summary>The key of the caller, for its limits; 0: none.</summary>
    public ulong Caller { get; init; }

    /// <summary>The caller's own id; empty: none.</summary>
    public string CallerId { get; init; } = "";

    /// <summary>The trace that it belongs to, and a response without one of its own.</summary>
    public TraceContext Trace { get; init; }

    /// <summary>Whether its caller is at another front door, which counts it.</summary>
    public bool HandedOver { get; init; }

    /// <summary>The number of times that a durable request was sent before it came here.</summary>
    public uint EarlierAttempts { get; init; }

    /// <summary>
    /// Creates a caller's terms: the deadline is the smaller of its timeout and its own call's, less the time that the verdict needs to
    /// reach it.
    /// </summary>
    public static RequestTerms Of(CallerRequest request, GatewayClock clock, RequestOptions options)
    {
        var arrived = clock.At(request.ArrivedTimestamp);
        var deadline = arrived + (request.Timeout ?? options.DefaultTimeout);
        var callers = arrived + request.CallerDeadlineLeft;
        if (callers is { } end && end - BeforeCaller < deadline)
        {
            deadline = end - BeforeCaller;
        }

        return new RequestTerms
        {
            Agent = request.Agent,
            Method = request.Method,
            Arrived = arrived,
            Deadline = deadline,
            CallerDeadline = callers,
            Caller = request.Caller,
            WaitForAgentUntil = arrived + request.ConnectWait,
            BodyBytes = request.Body.Length,
            CallerId = request.CallerId ?? "",
            Trace = request.Trace,
        };
    }
}
