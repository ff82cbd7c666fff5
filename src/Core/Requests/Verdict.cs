namespace Switchboard.Core.Requests;

/// <summary>How a request ended. Each ends exactly once, with one of these (DESIGN: R1).</summary>
/// <remarks>
/// The numbers are kept in storage and cross between processes: add, never change. Which gRPC code, HTTP status and
/// <c>reason</c> belongs to each is in one table of the front door.
/// </remarks>
public enum Verdict : byte
{
    /// <summary>The agent's answer reached its end.</summary>
    Answered = 0,

    /// <summary>The request itself is malformed; not sent.</summary>
    BadRequest = 1,

    /// <summary>The request, or one message of its answer, is larger than the protocol allows.</summary>
    TooLarge = 2,

    /// <summary>Who asks could not be told; not sent.</summary>
    Unauthenticated = 3,

    /// <summary>Who asks may not; not sent.</summary>
    Forbidden = 4,

    /// <summary>No agent of this id was ever seen; not sent.</summary>
    AgentUnknown = 5,

    /// <summary>The agent has no session now; not sent.</summary>
    AgentOffline = 6,

    /// <summary>A limit on what is in flight, queued or asked at a time; not sent.</summary>
    Overloaded = 7,

    /// <summary>The front door or the queue is stopping; not sent.</summary>
    Draining = 8,

    /// <summary>Its time was up before it could be sent.</summary>
    ExpiredUnsent = 9,

    /// <summary>It was sent, and its time was up before the first message of an answer.</summary>
    FirstMessageTimeout = 10,

    /// <summary>In mid-answer, the agent or the caller stopped moving.</summary>
    Stalled = 11,

    /// <summary>It was sent, and the session ended before an answer began.</summary>
    AgentDisconnected = 12,

    /// <summary>The agent said <c>error</c>, or its answer broke off after the first message.</summary>
    AgentFailed = 13,

    /// <summary>The caller went away or took it back.</summary>
    CallerCancelled = 14,

    /// <summary>The idempotency id is in use, with another payload; not sent.</summary>
    DuplicateId = 15,

    /// <summary>There is no such thing; not sent.</summary>
    NotFound = 16,

    /// <summary>The thing is there and does not take this method; not sent.</summary>
    MethodNotAllowed = 17,

    /// <summary>The body's media type is not one that is read here; not sent.</summary>
    UnsupportedMediaType = 18,

    /// <summary>A durable request's time to live is over.</summary>
    Expired = 19,

    /// <summary>There is no room to keep a durable request; not sent.</summary>
    StorageFull = 20,

    /// <summary>A task's time was up while it was being applied.</summary>
    TaskOutcomeUnknown = 21,

    /// <summary>A task's applier threw; the queue lives.</summary>
    ApplierFailed = 22,

    /// <summary>A defect of the gateway's own.</summary>
    Internal = 23,

    /// <summary>The cluster could not be asked: a grain call was rejected or timed out, or the storage is away; not sent.</summary>
    Unavailable = 24,
}
