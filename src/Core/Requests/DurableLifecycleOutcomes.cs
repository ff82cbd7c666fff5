namespace Switchboard.Core.Requests;

/// <summary>Where a durable request is between its attempts.</summary>
public enum DurablePhase
{
    /// <summary>Nobody has it; it is tried again at a known time.</summary>
    Waiting,

    /// <summary>An attempt is being handed to a front door.</summary>
    Handing,

    /// <summary>A front door has taken the attempt, or may have, and owes its outcome.</summary>
    UnderWay,

    /// <summary>It has its verdict.</summary>
    Ended,
}

/// <summary>What is to be done now.</summary>
public enum DurableStep
{
    /// <summary>Nothing, until <see cref="DurableLifecycle.WakeAt"/>.</summary>
    Nothing,

    /// <summary>Find out where the agent is and hand it an attempt.</summary>
    Deliver,

    /// <summary>Ask the front door that has the attempt whether it still goes on.</summary>
    Inquire,

    /// <summary>Its time is over: it has just ended with <see cref="Verdict.Expired"/>; write that down.</summary>
    Expired,
}

/// <summary>What the reported end of an attempt means.</summary>
public enum DurableFinish
{
    /// <summary>The request has just ended by it; write it down, then acknowledge.</summary>
    Ends,

    /// <summary>The attempt came to nothing, and there will be another.</summary>
    TriedAgain,

    /// <summary>
    /// The request had ended by this attempt with this verdict: the same report once more, if its answer is the same too.
    /// </summary>
    SaidBefore,

    /// <summary>An older attempt, one that never was, or a request that ended otherwise.</summary>
    Refused,
}
