using Switchboard.V1;

namespace Switchboard.Client;

/// <summary>A request as the agent gets it.</summary>
public sealed class SwitchboardRequest
{
    /// <summary>The gateway's id of the request.</summary>
    public required string Id { get; init; }

    /// <summary>The id of the agent that it was sent to.</summary>
    public required string AgentId { get; init; }

    /// <summary>The caller's word for what is asked; may be empty.</summary>
    public string Method { get; init; } = "";

    /// <summary>The caller's headers. Names are compared without case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The body, at most 4 MiB.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// How long the caller still waits for the first message of the answer, counted from when the gateway sent the request; null if it
    /// did not say.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The session that the request came by.</summary>
    public ulong SessionId { get; init; }

    /// <summary>1 for the first time that the gateway sends this request, one more each further time.</summary>
    public int Attempt { get; init; } = 1;

    internal static SwitchboardRequest From(AgentRequest message, ulong sessionId)
    {
        // Copied, because the wire's map compares names with their case and header names have none.
        var headers = new Dictionary<string, string>(message.Headers.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in message.Headers)
        {
            headers[name] = value;
        }

        return new SwitchboardRequest
        {
            Id = message.Id,
            AgentId = message.AgentId,
            Method = message.Method,
            Headers = headers,
            Body = message.Body.Memory,
            Timeout = message.Timeout?.ToTimeSpan(),
            SessionId = sessionId,
            Attempt = (int)Math.Clamp(message.Attempt, 1u, int.MaxValue),
        };
    }
}
