namespace Switchboard.Core.Requests;

/// <summary>Specifies how a request ended. Each ends exactly once, with one of these (R1, docs/invariants.md).</summary>
/// <remarks>
/// The numbers are persisted and cross processes: members are added, never changed. The gRPC code, HTTP status and <c>reason</c> of each
/// are in one table of the front door.
/// </remarks>
public enum Verdict : byte
{
    /// <summary>The agent's response is complete.</summary>
    Answered = 0,

    /// <summary>The request itself is malformed; not sent.</summary>
    BadRequest = 1,

    /// <summary>The request, or one message of its response, is larger than the protocol allows.</summary>
    TooLarge = 2,

    /// <summary>The caller could not be authenticated; not sent.</summary>
    Unauthenticated = 3,

    /// <summary>The caller is not allowed to do this; not sent.</summary>
    Forbidden = 4,

    /// <summary>No agent with this id was ever seen; not sent.</summary>
    AgentUnknown = 5,

    /// <summary>The agent has no session now; not sent.</summary>
    AgentOffline = 6,

    /// <summary>A limit on what is in flight, queued or requested at a time; not sent.</summary>
    Overloaded = 7,

    /// <summary>The front door or the queue is stopping; not sent.</summary>
    Draining = 8,

    /// <summary>Its deadline passed before it could be sent.</summary>
    ExpiredUnsent = 9,

    /// <summary>It was sent, and its deadline passed before the first message of a response.</summary>
    FirstMessageTimeout = 10,

    /// <summary>In the middle of the response, the agent stopped sending or the caller stopped reading.</summary>
    Stalled = 11,

    /// <summary>It was sent, and the session ended before a response began.</summary>
    AgentDisconnected = 12,

    /// <summary>The agent reported <c>error</c>, or its response broke off after the first message.</summary>
    AgentFailed = 13,

    /// <summary>The caller went away or cancelled it.</summary>
    CallerCancelled = 14,

    /// <summary>The idempotency id is in use, with another payload; not sent.</summary>
    DuplicateId = 15,

    /// <summary>The resource does not exist; not sent.</summary>
    NotFound = 16,

    /// <summary>The resource does not support this method; not sent.</summary>
    MethodNotAllowed = 17,

    /// <summary>The body's media type is not supported; not sent.</summary>
    UnsupportedMediaType = 18,

    /// <summary>The time to live of a durable request has ended.</summary>
    Expired = 19,

    /// <summary>There is no room to keep a durable request; not sent.</summary>
    StorageFull = 20,

    /// <summary>A task's deadline passed while it was being applied.</summary>
    TaskOutcomeUnknown = 21,

    /// <summary>A task's applier threw; the queue goes on.</summary>
    ApplierFailed = 22,

    /// <summary>A defect of the gateway.</summary>
    Internal = 23,

    /// <summary>The cluster is unavailable: a grain call was rejected or timed out, or the storage is away; not sent.</summary>
    Unavailable = 24,

    /// <summary>The agent responded, and there was no room to keep its response.</summary>
    AnswerNotKept = 25,
}
