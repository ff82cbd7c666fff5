namespace Switchboard.Abstractions;

/// <summary>
/// Defines the maximum time that a caller of a grain, or of an observer, waits. A text, because attributes require constants.
/// </summary>
public static class CallBounds
{
    /// <summary>The bound of every grain call: 5 s. After a timeout the outcome of the call is unknown to the caller.</summary>
    public const string Turn = "00:00:05";
}
