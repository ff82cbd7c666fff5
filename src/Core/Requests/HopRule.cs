namespace Switchboard.Core.Requests;

/// <summary>Specifies what happened to a hop: the call by which one front door hands a request to the one that holds its session.</summary>
public enum HopEvent
{
    /// <summary>Nobody is registered under the number, the registry does not reply, or the two speak no common version.</summary>
    NotFound,

    /// <summary>No connection was ever made.</summary>
    NeverMade,

    /// <summary>HTTP/2 says that the stream was not processed: REFUSED_STREAM, or a GOAWAY below the stream.</summary>
    NotProcessed,

    /// <summary>The holder says that the session is not there, and that it sent nothing.</summary>
    NoSuchSession,

    /// <summary>The holder ended it with a verdict and says that it sent nothing.</summary>
    EndedUnsent,

    /// <summary>The holder ended it with a verdict, and had sent it.</summary>
    EndedSent,

    /// <summary>The call was reset, or its connection broke or fell silent, after the headers may have been written.</summary>
    Lost,

    /// <summary>The registry named the holder as gone before a connection was made.</summary>
    GoneUnconnected,

    /// <summary>The registry named the holder as gone; there was a connection.</summary>
    Gone,
}

/// <summary>Specifies what follows for the request.</summary>
public enum HopAction
{
    /// <summary>It is routed again, as long as there are tries left.</summary>
    RouteAgain,

    /// <summary>It ends with the verdict.</summary>
    End,

    /// <summary>
    /// Its way is lost: what comes of a response by the hop breaks off, a response that comes by another way goes on, and without either it
    /// ends with the verdict.
    /// </summary>
    BreakOff,
}

/// <summary>Represents what is true of a request after its hop, and what follows.</summary>
/// <param name="Sent">Whether its agent may have seen it.</param>
/// <param name="Action">What follows.</param>
/// <param name="Verdict">
/// The verdict; with <see cref="HopAction.RouteAgain"/> the reason for <see cref="RequestDispatch{TSession}.CameBack"/>.
/// </param>
public readonly record struct HopOutcome(bool Sent, HopAction Action, Verdict Verdict);

/// <summary>
/// Decides what became of a request whose hop failed. It was not sent only where the holder says so or where nothing can have reached it;
/// after anything else it may have been, and is not sent again.
/// </summary>
public static class HopRule
{
    /// <summary>Decides.</summary>
    /// <param name="happened">What happened.</param>
    /// <param name="verdict">The holder's verdict; used with <see cref="HopEvent.EndedUnsent"/> and <see cref="HopEvent.EndedSent"/>.</param>
    /// <param name="responding">Whether something of a response has come by the hop: then it was sent, whatever is said afterwards.</param>
    public static HopOutcome Decide(HopEvent happened, Verdict verdict, bool responding)
    {
        if (responding)
        {
            return happened is HopEvent.EndedSent or HopEvent.EndedUnsent ? new(Sent: true, HopAction.End, verdict) : Lost;
        }

        return happened switch
        {
            // The session may be there all the same: the grain is asked, and not told that it is gone.
            HopEvent.NotFound or HopEvent.NeverMade or HopEvent.NotProcessed => Again(Verdict.Unavailable),
            HopEvent.NoSuchSession or HopEvent.GoneUnconnected => Again(Verdict.AgentOffline),
            // Another session, or front door, may have room.
            HopEvent.EndedUnsent when verdict is Verdict.Overloaded or Verdict.Draining or Verdict.Unavailable => Again(verdict),
            HopEvent.EndedUnsent => new(Sent: false, HopAction.End, verdict),
            HopEvent.EndedSent => new(Sent: true, HopAction.End, verdict),
            _ => Lost,
        };
    }

    private static HopOutcome Lost => new(Sent: true, HopAction.BreakOff, Verdict.AgentDisconnected);

    private static HopOutcome Again(Verdict reason) => new(Sent: false, HopAction.RouteAgain, reason);
}
