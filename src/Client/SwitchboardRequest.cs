using Switchboard.V1;

namespace Switchboard.Client;

/// <summary>Represents a request that an agent has received.</summary>
public sealed class SwitchboardRequest
{
    /// <summary>Gets the id that the gateway has assigned to the request.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the id of the agent that the request was sent to.</summary>
    public required string AgentId { get; init; }

    /// <summary>Gets the method that the caller has named. May be empty.</summary>
    public string Method { get; init; } = "";

    /// <summary>Gets the caller's headers. Names are compared without regard to case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the body, at most 4 MiB.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// Gets the time that the caller still waits for the first message of the response, counted from when the gateway sent the request,
    /// or <see langword="null"/> where it is not known.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Gets the id of the session that the request arrived on.</summary>
    public ulong SessionId { get; init; }

    /// <summary>Gets the number of the delivery attempt: 1 for the first.</summary>
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
