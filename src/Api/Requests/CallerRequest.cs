using Google.Protobuf;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>What a caller asks, over REST or gRPC. Nobody writes to it, or to what it refers to, after it was handed over.</summary>
public sealed record CallerRequest
{
    /// <summary>The agent asked.</summary>
    public required AgentKey Agent { get; init; }

    /// <summary>What is asked of it; may be empty.</summary>
    public string Method { get; init; } = "";

    /// <summary>Headers for the agent.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    /// <summary>Headers that may repeat, in order.</summary>
    public IReadOnlyList<Header> HeaderList { get; init; } = [];

    /// <summary>The body.</summary>
    public ByteString Body { get; init; } = ByteString.Empty;

    /// <summary>Set where an HTTP request is carried as it is.</summary>
    public HttpHead? Http { get; init; }

    /// <summary>The caller's own idempotency id; empty or null: none. While one is in flight in the tenant, a second is refused.</summary>
    public string? CallerId { get; init; }

    /// <summary>How long the caller waits for the first message; null: the default. Not positive, or above the maximum, is a bad request.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What was left at <see cref="ArrivedTimestamp"/> of the caller's own deadline (<c>grpc-timeout</c>); ours falls 50 ms before it.</summary>
    public TimeSpan? CallerDeadlineLeft { get; init; }

    /// <summary>Who asks, for the limits of one caller; 0: nobody in particular.</summary>
    public ulong Caller { get; init; }

    /// <summary>How long the caller waits for an agent that is away, from the arrival and within its deadline; zero: it does not.</summary>
    public TimeSpan ConnectWait { get; init; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> when the request arrived.</summary>
    public required long ArrivedTimestamp { get; init; }

    /// <summary>The trace that it belongs to; the agent is told.</summary>
    internal TraceContext Trace { get; init; }

    /// <summary>The message that all this was read from, where there is one: it is sent on, so that nothing is copied.</summary>
    internal AgentRequest? Wire { get; init; }

    private static IReadOnlyDictionary<string, string> NoHeaders { get; } = new Dictionary<string, string>();
}
