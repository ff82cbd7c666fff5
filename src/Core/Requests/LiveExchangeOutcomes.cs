namespace Switchboard.Core.Requests;

/// <summary>What is next for the caller.</summary>
public enum AnswerPartKind
{
    /// <summary>Nothing yet.</summary>
    Nothing,

    /// <summary>The first message.</summary>
    First,

    /// <summary>A later message.</summary>
    Next,

    /// <summary>There are no more messages.</summary>
    Complete,

    /// <summary>It is to be routed again: its session ended before it was sent, its agent has come, or the wait for that is over.</summary>
    Returned,

    /// <summary>The request has ended.</summary>
    Over,
}

/// <summary>What is next for the caller.</summary>
/// <param name="Kind">What.</param>
/// <param name="Message">The message; null where it is none, or where the answer is complete without any.</param>
/// <param name="MoreAtOnce">Is the part after it there already?</param>
/// <typeparam name="TMessage">A message of an answer.</typeparam>
public readonly record struct AnswerPart<TMessage>(AnswerPartKind Kind, TMessage? Message = null, bool MoreAtOnce = false)
    where TMessage : class;

/// <summary>What became of a message that an agent sent.</summary>
public enum PushOutcome
{
    /// <summary>The call is over; see <see cref="AnswerPipe{TMessage}.Result"/>.</summary>
    Over,

    /// <summary>There is room for another.</summary>
    Room,

    /// <summary>No other is to be read until the pipe is woken.</summary>
    Full,
}

/// <summary>What is fixed about a request when it is accepted. Times are since a fixed origin, by a monotonic clock.</summary>
public readonly record struct ExchangeTerms
{
    /// <summary>When it arrived.</summary>
    public required TimeSpan Arrived { get; init; }

    /// <summary>Until when the first message of its answer must have been handed over.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>From when on the end of the caller's call was its own deadline's doing; null: it has none.</summary>
    public TimeSpan? CallerLate { get; init; }

    /// <summary>Until when the caller waits for an agent that is away; in the past: it does not.</summary>
    public TimeSpan WaitForAgentUntil { get; init; }

    /// <summary>The longest pause in the middle of an answer, of the agent's or of the caller's.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>From so many bytes on that the caller has not taken, by what their messages cost, the agent's call is not read on.</summary>
    public required long AnswerWindowBytes { get; init; }
}

/// <summary>What a change of a request entails, to be done when its lock is free.</summary>
/// <typeparam name="TMessage">A message of an answer.</typeparam>
public record struct ExchangeEffects<TMessage>
    where TMessage : class
{
    /// <summary>It has just ended: it is to be taken out of everything that holds it, before anybody is woken.</summary>
    public bool Ended { get; set; }

    /// <summary>The caller's side waited and is to be woken.</summary>
    public bool WakeCaller { get; set; }

    /// <summary>The caller's stream is to be cut: it has stopped moving.</summary>
    public bool CutCaller { get; set; }

    /// <summary>By how much the bytes changed that wait here for their caller.</summary>
    public long Held { get; set; }

    /// <summary>An answer call whose agent's side waited and is to be woken.</summary>
    public AnswerPipe<TMessage>? WakeAnswer { get; set; }

    /// <summary>An answer call whose read is to end.</summary>
    public AnswerPipe<TMessage>? CancelAnswer { get; set; }

    /// <summary>Wakes and cancels the answer calls.</summary>
    public readonly void TellAnswers()
    {
        WakeAnswer?.Wake();
        CancelAnswer?.CancelRead();
    }
}
