namespace Switchboard.Core.Requests;

/// <summary>Specifies the outcome of an attempt to send.</summary>
public enum SendOutcome
{
    /// <summary>It may go to the session now.</summary>
    Sent,

    /// <summary>Its deadline had passed: it has ended <see cref="Verdict.ExpiredUnsent"/> by this call and must not be sent.</summary>
    Expired,

    /// <summary>It had ended before: it must not be sent.</summary>
    AlreadyEnded,

    /// <summary>It has been sent before: it must not be sent twice.</summary>
    AlreadySent,
}

/// <summary>Specifies the outcome of opening a response call.</summary>
public enum BeginResponseOutcome
{
    /// <summary>It is the current response call (also if the current call asks again).</summary>
    Granted,

    /// <summary>It is the current response call, and the older <see cref="RequestLifecycle.Replaced"/> ends ABORTED.</summary>
    GrantedInsteadOf,

    /// <summary>The first message of another call has been handed over: refused, ALREADY_EXISTS.</summary>
    AlreadyResponding,

    /// <summary>The request did not go to that session: refused.</summary>
    WrongSession,

    /// <summary>The request has not been sent: refused.</summary>
    NotSent,

    /// <summary>The request has ended: refused, NOT_FOUND.</summary>
    Ended,
}

/// <summary>Specifies how a response call ended, as its front door saw it.</summary>
public enum ResponseCallEnd
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

/// <summary>Specifies what the end of a response call did to the request.</summary>
public enum ResponseCallOutcome
{
    /// <summary>Nothing: the request had ended, or the call was not the current one.</summary>
    NotConcerned,

    /// <summary>Nothing had been handed over: another response call may come until the deadline.</summary>
    StillSent,

    /// <summary>The request has ended by it; see <see cref="RequestLifecycle.Verdict"/>.</summary>
    Ended,
}

/// <summary>Specifies what the end of a session did to the request.</summary>
public enum SessionEndOutcome
{
    /// <summary>Nothing: the request had ended or was assigned to another session.</summary>
    NotConcerned,

    /// <summary>The request has not been sent: the shell may route it anew.</summary>
    Unsent,

    /// <summary>It was sent and its response had not begun: it has ended <see cref="Verdict.AgentDisconnected"/> by this call.</summary>
    Ended,

    /// <summary>A response is under way: it goes on while its own call lives.</summary>
    GoesOn,
}

/// <summary>Specifies the outcome of a deadline's timer.</summary>
public enum DeadlineOutcome
{
    /// <summary>The deadline is still ahead: set the timer again.</summary>
    TooEarly,

    /// <summary>The request has ended by it: unsent or without a first message.</summary>
    Ended,

    /// <summary>The first message has been handed over, or the request has ended.</summary>
    NoLongerApplies,
}
