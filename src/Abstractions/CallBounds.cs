namespace Switchboard.Abstractions;

/// <summary>How long a caller of a grain, or of a lane, waits at most. As text, because attributes take it so.</summary>
public static class CallBounds
{
    /// <summary>No grain call lasts longer than 5 s. What happened is then unknown to the caller.</summary>
    public const string Turn = "00:00:05";
}
