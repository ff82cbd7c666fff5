namespace Switchboard.Core.Admission;

/// <summary>
/// Estimates the memory of a message while it is held, in bytes: its objects, not only its length on the wire. By its length alone an empty
/// message would cost nothing, and millions of them would fit into any window.
/// </summary>
/// <remarks>Estimates for a 64-bit process. Tests compare them with the heap, within half.</remarks>
public static class MessageCost
{
    /// <summary>The cost of an empty message: its object, its empty collections, its body's object and its entry in a queue.</summary>
    public const int Message = 304;

    /// <summary>
    /// The cost of a header, or another pair of short texts, without its characters: two strings, and their entry in a list or a table.
    /// </summary>
    public const int Header = 112;

    /// <summary>Returns the cost of a message of the wire.</summary>
    /// <param name="serialised">Its serialised length, in bytes.</param>
    /// <param name="body">The length of its body, which is held as it arrived.</param>
    /// <param name="headers">The number of its headers.</param>
    /// <remarks>
    /// What is not body is text: in memory two bytes a character, of which each has at least one on the wire. Text beyond ASCII is
    /// overestimated, which is the safe side, so that no headers have to be enumerated for this.
    /// </remarks>
    public static long Of(int serialised, int body, int headers) =>
        Message + body + (sizeof(char) * (long)(serialised - body)) + (Header * (long)headers);
}
