namespace Switchboard.Core.Requests;

/// <summary>Specifies what is next for the caller.</summary>
public enum ResponsePartKind
{
    /// <summary>Nothing yet.</summary>
    Nothing,

    /// <summary>The first message.</summary>
    First,

    /// <summary>A later message.</summary>
    Next,

    /// <summary>There are no more messages.</summary>
    Complete,

    /// <summary>
    /// It is to be routed again: its session ended before it was sent, its agent has connected, or the wait for that has ended.
    /// </summary>
    Returned,

    /// <summary>The request has ended.</summary>
    Over,
}

/// <summary>Represents what is next for the caller.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Message">The message; null if there is none, or if the response is complete without any.</param>
/// <param name="MoreAtOnce">Whether the next part is there already.</param>
/// <typeparam name="TMessage">The type of a message of a response.</typeparam>
public readonly record struct ResponsePart<TMessage>(ResponsePartKind Kind, TMessage? Message = null, bool MoreAtOnce = false)
    where TMessage : class;

/// <summary>Specifies the outcome of a message that an agent sent.</summary>
public enum PushOutcome
{
    /// <summary>The call has ended; see <see cref="ResponsePipe{TMessage}.Result"/>.</summary>
    Over,

    /// <summary>There is room for another message.</summary>
    Room,

    /// <summary>No other message is to be read until the pipe is woken.</summary>
    Full,
}

/// <summary>Holds the terms that are fixed when a request is accepted. Times are since a fixed origin, by a monotonic clock.</summary>
public readonly record struct ExchangeTerms
{
    /// <summary>When it arrived.</summary>
    public required TimeSpan Arrived { get; init; }

    /// <summary>When the first message of its response must have been handed over.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>The time from which on the end of the caller's call counts as its own deadline; null: it has none.</summary>
    public TimeSpan? CallerLate { get; init; }

    /// <summary>Until when the caller waits for an agent that is offline; in the past: it does not.</summary>
    public TimeSpan WaitForAgentUntil { get; init; }

    /// <summary>The longest pause in the middle of a response, of the agent's or of the caller's.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>The cost of the messages that the caller has not taken, in bytes, from which on the agent's call is not read.</summary>
    public required long ResponseWindowBytes { get; init; }
}

/// <summary>Collects what a change of a request entails, to be done after its lock is released.</summary>
/// <typeparam name="TMessage">The type of a message of a response.</typeparam>
public record struct ExchangeEffects<TMessage>
    where TMessage : class
{
    /// <summary>It has just ended, and is to be removed from everything that holds it before its caller is woken.</summary>
    public bool Ended { get; set; }

    /// <summary>The caller's side waited and is to be woken.</summary>
    public bool WakeCaller { get; set; }

    /// <summary>The caller's stream is to be cut: the caller does not read.</summary>
    public bool CutCaller { get; set; }

    /// <summary>The change of the bytes that wait here for their caller.</summary>
    public long Held { get; set; }

    /// <summary>A response call whose agent's side waited and is to be woken.</summary>
    public ResponsePipe<TMessage>? WakeResponse { get; set; }

    /// <summary>A response call whose read is to end.</summary>
    public ResponsePipe<TMessage>? CancelResponse { get; set; }

    /// <summary>Wakes and cancels the response calls.</summary>
    public readonly void SignalResponses()
    {
        WakeResponse?.Wake();
        CancelResponse?.CancelRead();
    }
}
