using Orleans.CodeGeneration;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Requests;

namespace Switchboard.Abstractions.Requests;

/// <summary>Specifies the outcome of accepting a durable request.</summary>
[GenerateSerializer]
public enum AcceptResult
{
    /// <summary>Kept until it ends with a response or expires.</summary>
    Accepted = 0,

    /// <summary>The id is taken: draw another.</summary>
    DuplicateId = 1,

    /// <summary>It would exceed a limit; nothing was kept.</summary>
    Refused = 2,
}

/// <summary>Represents the reply to accepting a durable request.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.AcceptReply)]
public sealed record AcceptReply
{
    /// <summary>The outcome.</summary>
    [Id(0)]
    public required AcceptResult Result { get; init; }

    /// <summary>The limit that was exceeded, if it was refused.</summary>
    [Id(1)]
    public DurableLimit Limit { get; init; }

    /// <summary>The value of that limit.</summary>
    [Id(2)]
    public long LimitValue { get; init; }

    /// <summary>Whether what was accepted survives the loss of every process.</summary>
    [Id(3)]
    public bool Durable { get; init; }
}

/// <summary>Specifies the outcome of cancelling a request.</summary>
[GenerateSerializer]
public enum CancelResult
{
    /// <summary>The request has ended by this call.</summary>
    Cancelled = 0,

    /// <summary>The request had ended before.</summary>
    AlreadyEnded = 1,

    /// <summary>The request is unknown.</summary>
    NotFound = 2,
}

/// <summary>
/// Represents one request; key: its id, 16 lower-case hex digits. A durable one (front-door number 0) lives here; a live one lives at the
/// front door that its id names, and its grain is activated only for a look-up, which leaves no activation behind.
/// </summary>
[Alias(Names.Interfaces.Request), Version(Versions.Request)]
public interface IRequestGrain : IGrainWithStringKey
{
    /// <summary>
    /// Keeps a durable request for <paramref name="timeToLive"/> and starts to deliver it, unless there is no room for it.
    /// </summary>
    [Alias("Accept"), ResponseTimeout(CallBounds.Turn)]
    Task<AcceptReply> Accept(RequestEnvelope envelope, RequestReport report, TimeSpan timeToLive);

    /// <summary>Describes the request; null if it is unknown.</summary>
    [Alias("Describe"), ResponseTimeout(CallBounds.Turn)]
    Task<RequestReport?> Describe();

    /// <summary>
    /// Describes a durable request; while it is open, registers the observer, which is notified once when it has ended. A lost activation
    /// forgets the registration. Null if no durable request is known.
    /// </summary>
    [Alias("Watch"), ResponseTimeout(CallBounds.Turn)]
    Task<RequestReport?> Watch(IFrontDoorObserver observer);

    /// <summary>Returns the recorded response; null if there is none.</summary>
    [Alias("GetAnswer"), ResponseTimeout(CallBounds.Turn)]
    Task<StoredResponse?> GetResponse();

    /// <summary>Ends the request.</summary>
    [Alias("Cancel"), ResponseTimeout(CallBounds.Turn)]
    Task<CancelResult> Cancel();

    /// <summary>
    /// Reports how an attempt ended. True: recorded, or the same outcome as the recorded one. False: another outcome than the recorded one,
    /// an older attempt, or an ended request.
    /// </summary>
    [Alias("Finish"), ResponseTimeout(CallBounds.Turn)]
    Task<bool> Finish(DurableOutcome outcome);
}
