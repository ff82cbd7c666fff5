namespace Switchboard.Core.Agents;

/// <summary>Represents what an agent's table knows of one session. Immutable: a change creates another one.</summary>
public sealed record SessionEntry
{
    /// <summary>The session.</summary>
    public required SessionId Session { get; init; }

    /// <summary>The number of the front door that holds its connection.</summary>
    public required ushort FrontDoor { get; init; }

    /// <summary>
    /// The connect number, by which the newer of two sessions is known: greater than any that the table gave before, and than its clock in
    /// ms.
    /// </summary>
    public required long ConnectNumber { get; init; }

    /// <summary>Whether it was sent <c>go_away draining</c>: it gets no new requests, and no newer session displaces it.</summary>
    public bool Retiring { get; init; }
}
