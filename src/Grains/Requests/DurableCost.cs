using Switchboard.Abstractions.Requests;
using Switchboard.Core.Admission;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Estimates the cost of a durable request in bytes of memory: its activation with its timer and reminder, its payload or its response
/// there, and the same again in the memory that stores it. A test compares the estimates with the heap, within half.
/// </summary>
internal static class DurableCost
{
    /// <summary>The cost of a request without payload or response.</summary>
    public const int Request = 8192;

    /// <summary>Returns the cost of an open request.</summary>
    /// <param name="payload">The length of its payload, in bytes.</param>
    public static long OfOpen(long payload) => Request + (2 * payload);

    /// <summary>Returns the cost of a request that has ended.</summary>
    /// <param name="body">The length of its response's body, in bytes.</param>
    /// <param name="headers">Its response's headers.</param>
    /// <param name="detail">The reason why it has no response.</param>
    public static long OfEnded(long body, IReadOnlyList<HeaderLine> headers, string detail)
    {
        var text = (long)sizeof(char) * detail.Length;
        foreach (var header in headers)
        {
            text += MessageCost.Header + (sizeof(char) * (header.Name.Length + header.Value.Length));
        }

        return Request + (2 * (body + text));
    }
}
