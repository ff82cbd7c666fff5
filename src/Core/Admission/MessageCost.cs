namespace Switchboard.Core.Admission;

/// <summary>
/// What a message costs while it is held, in bytes of memory: its objects, not only what it has on the wire. By its bytes alone a message
/// without any would cost nothing, and millions of them would fit into any window.
/// </summary>
/// <remarks>Estimates, of a 64-bit process. Tests hold them against the heap, within half: what is changed in the messages shows there.</remarks>
public static class MessageCost
{
    /// <summary>A message with nothing in it: its object, its empty collections, its body's object and its place in a queue.</summary>
    public const int Message = 304;

    /// <summary>A header, or another pair of short texts, without its characters: two strings, and their place in a list or a table.</summary>
    public const int Header = 112;

    /// <summary>A message of the wire.</summary>
    /// <param name="serialised">Its length as serialised, in bytes.</param>
    /// <param name="body">How much of that is its body, which is held as it came.</param>
    /// <param name="headers">How many headers it has.</param>
    /// <remarks>
    /// What is no body is text: in memory two bytes a character, of which each has at least one on the wire. Text beyond ASCII is counted
    /// too high, which is the safe side, so that no message's headers have to be walked through for this.
    /// </remarks>
    public static long Of(int serialised, int body, int headers) =>
        Message + body + (sizeof(char) * (long)(serialised - body)) + (Header * (long)headers);
}
