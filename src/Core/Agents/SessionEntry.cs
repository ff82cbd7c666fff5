namespace Switchboard.Core.Agents;

/// <summary>What an agent's table knows of one session. Immutable: a change makes another one.</summary>
public sealed record SessionEntry
{
    /// <summary>The session.</summary>
    public required SessionId Session { get; init; }

    /// <summary>The number of the front door that holds its connection.</summary>
    public required ushort FrontDoor { get; init; }

    /// <summary>Which of two sessions is the newer: greater than any that the table gave before, and than its clock in ms.</summary>
    public required long ConnectNumber { get; init; }

    /// <summary>It was told <c>go_away draining</c>: no new requests, and no newer session displaces it.</summary>
    public bool Retiring { get; init; }
}
