namespace Switchboard.Core.Requests;

/// <summary>
/// Estimates the cost of a durable request in bytes: of memory where it is kept there, and of the file where it is kept in one. Tests compare
/// the estimates with both, within half.
/// </summary>
public static class DurableCost
{
    /// <summary>The cost of a request without payload or response.</summary>
    public const int Request = 4096;

    /// <summary>The cost of a chunk of a response without its bytes.</summary>
    public const int Chunk = 128;

    /// <summary>Returns the cost of an open request.</summary>
    /// <param name="payload">The length of its payload, in bytes.</param>
    public static long OfOpen(long payload) => Request + payload;

    /// <summary>Returns the cost of a chunk of a response.</summary>
    /// <param name="bytes">Its length, in bytes, with the headers that it brings.</param>
    public static long OfChunk(long bytes) => Chunk + bytes;
}
