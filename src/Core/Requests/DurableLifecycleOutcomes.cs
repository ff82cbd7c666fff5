namespace Switchboard.Core.Requests;

/// <summary>Specifies the phase of a durable request between its attempts.</summary>
public enum DurablePhase
{
    /// <summary>No front door has it; it is tried again at a known time.</summary>
    Waiting,

    /// <summary>An attempt is being handed to a front door.</summary>
    Handing,

    /// <summary>A front door has taken the attempt, or may have, and must report its outcome.</summary>
    UnderWay,

    /// <summary>It has its verdict.</summary>
    Ended,
}

/// <summary>Specifies what is to be done now.</summary>
public enum DurableStep
{
    /// <summary>Nothing, until <see cref="DurableLifecycle.WakeAt"/>.</summary>
    Nothing,

    /// <summary>Find out where the agent is and hand it an attempt.</summary>
    Deliver,

    /// <summary>Ask the front door that has the attempt whether it still goes on.</summary>
    Inquire,

    /// <summary>Its time to live has ended: it has just ended with <see cref="Verdict.Expired"/>, which is to be persisted.</summary>
    Expired,
}

/// <summary>Specifies what the reported end of an attempt means.</summary>
public enum DurableFinish
{
    /// <summary>The request has just ended by it, which is to be persisted and then acknowledged.</summary>
    Ends,

    /// <summary>The attempt failed, and another follows.</summary>
    TriedAgain,

    /// <summary>
    /// The request had ended by this attempt with this verdict: the report is a repetition, if its response is the same too.
    /// </summary>
    SaidBefore,

    /// <summary>An older attempt, one that does not exist, or a request that ended otherwise.</summary>
    Refused,
}
