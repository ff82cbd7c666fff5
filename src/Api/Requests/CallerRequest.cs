using Google.Protobuf;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>Represents a caller's request, over REST or gRPC. It, and what it refers to, is not changed after it was handed over.</summary>
internal sealed record CallerRequest
{
    /// <summary>The agent.</summary>
    public required AgentKey Agent { get; init; }

    /// <summary>The method; may be empty.</summary>
    public string Method { get; init; } = "";

    /// <summary>Headers for the agent.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    /// <summary>Headers that may repeat, in order.</summary>
    public IReadOnlyList<Header> HeaderList { get; init; } = [];

    /// <summary>The body.</summary>
    public ByteString Body { get; init; } = ByteString.Empty;

    /// <summary>The HTTP part of the message; set if an HTTP request is carried as it is.</summary>
    public HttpHead? Http { get; init; }

    /// <summary>The caller's own idempotency id; empty or null: none. While one is in flight in the tenant, a second is refused.</summary>
    public string? CallerId { get; init; }

    /// <summary>
    /// How long the caller waits for the first message; null: the default. Zero, a negative value, or one above the maximum is a bad
    /// request.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// The time left at <see cref="ArrivedTimestamp"/> of the caller's own deadline (<c>grpc-timeout</c>); ours falls 50 ms before it.
    /// </summary>
    public TimeSpan? CallerDeadlineLeft { get; init; }

    /// <summary>The key of the caller, for its limits; 0: none.</summary>
    public ulong Caller { get; init; }

    /// <summary>
    /// How long the caller waits for an agent that is offline, from the arrival and within its deadline; zero: it does not wait.
    /// </summary>
    public TimeSpan ConnectWait { get; init; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> when the request arrived.</summary>
    public required long ArrivedTimestamp { get; init; }

    /// <summary>The trace that it belongs to, which is sent to the agent.</summary>
    internal TraceContext Trace { get; init; }

    /// <summary>The message that all this was read from, if there is one: it is sent on, so that nothing is copied.</summary>
    internal AgentRequest? Wire { get; init; }

    private static IReadOnlyDictionary<string, string> NoHeaders { get; } = new Dictionary<string, string>();
}
