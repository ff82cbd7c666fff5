namespace Switchboard.Core.Requests;

/// <summary>What came of an attempt to send.</summary>
public enum SendOutcome
{
    /// <summary>It may go to the session now.</summary>
    Sent,

    /// <summary>Its time was up: it has ended <see cref="Verdict.ExpiredUnsent"/> by this call and must not go.</summary>
    Expired,

    /// <summary>It had ended before: it must not go.</summary>
    AlreadyEnded,

    /// <summary>It has been sent before: it must not go twice.</summary>
    AlreadySent,
}

/// <summary>What came of an answer call's opening.</summary>
public enum BeginAnswerOutcome
{
    /// <summary>It is the one that answers (also when the current call asks again).</summary>
    Granted,

    /// <summary>It is the one that answers, and the older <see cref="RequestLifecycle.Replaced"/> ends ABORTED.</summary>
    GrantedInsteadOf,

    /// <summary>The first message of another call has been handed over: refused, ALREADY_EXISTS.</summary>
    AlreadyAnswering,

    /// <summary>The request did not go to that session: refused.</summary>
    WrongSession,

    /// <summary>The request has not been sent to anybody: refused.</summary>
    NotSent,

    /// <summary>The request has ended: refused, NOT_FOUND.</summary>
    Ended,
}

/// <summary>How an answer call ended, as its front door saw it.</summary>
public enum AnswerCallEnd
{
    /// <summary>The agent half-closed.</summary>
    Completed,

    /// <summary>The call was reset, or its connection broke.</summary>
    BrokeOff,

    /// <summary>A message had <c>error</c> set, or the status was outside 200 to 599.</summary>
    Failed,

    /// <summary>A message was larger than the protocol allows.</summary>
    TooLarge,
}

/// <summary>What an answer call's end did to the request.</summary>
public enum AnswerCallOutcome
{
    /// <summary>The request had ended, or the call was not the current one.</summary>
    NotConcerned,

    /// <summary>Nothing had been handed over: another answer call may come until the deadline.</summary>
    StillSent,

    /// <summary>The request has ended by it; see <see cref="RequestLifecycle.Verdict"/>.</summary>
    Ended,
}

/// <summary>What a session's end did to the request.</summary>
public enum SessionEndOutcome
{
    /// <summary>The request had ended or was with another session.</summary>
    NotConcerned,

    /// <summary>The request has not been sent: the shell may route it anew.</summary>
    Unsent,

    /// <summary>It was sent and had not begun to be answered: it has ended <see cref="Verdict.AgentDisconnected"/> by this call.</summary>
    Ended,

    /// <summary>An answer is under way: it goes on while its own call lives.</summary>
    GoesOn,
}

/// <summary>What came of a deadline's timer.</summary>
public enum DeadlineOutcome
{
    /// <summary>The deadline is still ahead: set the timer again.</summary>
    TooEarly,

    /// <summary>The request has ended by it: unsent or without a first message.</summary>
    Ended,

    /// <summary>The first message has been handed over, or the request has ended.</summary>
    NoLongerApplies,
}
