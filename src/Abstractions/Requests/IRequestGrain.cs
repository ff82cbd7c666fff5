using Orleans.CodeGeneration;
using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Abstractions.Requests;

/// <summary>What became of accepting a durable request.</summary>
[GenerateSerializer]
public enum AcceptResult
{
    /// <summary>Kept until it is answered or expires.</summary>
    Accepted = 0,

    /// <summary>The id is taken: draw another.</summary>
    DuplicateId = 1,
}

/// <summary>What became of cancelling a request.</summary>
[GenerateSerializer]
public enum CancelResult
{
    /// <summary>It is over now.</summary>
    Cancelled = 0,

    /// <summary>It had ended before.</summary>
    AlreadyEnded = 1,

    /// <summary>Nobody knows it.</summary>
    NotFound = 2,
}

/// <summary>
/// One request; key: its id, 16 lower-case hex digits. A durable one (front-door number 0) lives here; a live one lives at the
/// front door that its id names, and is activated only when somebody asks: the look-up leaves no activation behind.
/// </summary>
[Alias(Names.Interfaces.Request), Version(Versions.Request)]
public interface IRequestGrain : IGrainWithStringKey
{
    /// <summary>Keeps a durable request for <paramref name="timeToLive"/> and starts to deliver it.</summary>
    [Alias("Accept"), ResponseTimeout(CallBounds.Turn)]
    Task<AcceptResult> Accept(RequestEnvelope envelope, RequestReport report, TimeSpan timeToLive);

    /// <summary>What became of the request; null where nobody knows it.</summary>
    [Alias("Describe"), ResponseTimeout(CallBounds.Turn)]
    Task<RequestReport?> Describe();

    /// <summary>
    /// What became of a durable request; where it is open, that lane is told once when it has ended. A lost activation forgets it. Null
    /// where no durable request is known.
    /// </summary>
    [Alias("Watch"), ResponseTimeout(CallBounds.Turn)]
    Task<RequestReport?> Watch(IFrontDoorLane lane);

    /// <summary>The recorded answer; null while there is none.</summary>
    [Alias("GetAnswer"), ResponseTimeout(CallBounds.Turn)]
    Task<StoredAnswer?> GetAnswer();

    /// <summary>Ends the request.</summary>
    [Alias("Cancel"), ResponseTimeout(CallBounds.Turn)]
    Task<CancelResult> Cancel();

    /// <summary>
    /// A front door reports how an attempt ended. True: recorded, or the same answer as the recorded one. False: another answer
    /// than the recorded one, an older attempt, or an ended request.
    /// </summary>
    [Alias("Finish"), ResponseTimeout(CallBounds.Turn)]
    Task<bool> Finish(DurableOutcome outcome);
}
