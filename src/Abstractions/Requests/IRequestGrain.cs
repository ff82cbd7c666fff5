using Orleans.CodeGeneration;
using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Abstractions.Requests;

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
/// Represents one request; key: its id, 16 lower-case hex digits. A durable one (front-door number 0) is in the log, and its grain ends it at
/// the exact time and tells who waits for its end; a live one lives at the front door that its id names. A look-up leaves no activation behind.
/// </summary>
[Alias(Names.Interfaces.Request), Version(Versions.Request)]
public interface IRequestGrain : IGrainWithStringKey
{
    /// <summary>Ends a durable request when its time to live is over, if it has not ended by then.</summary>
    /// <param name="left">The time until then.</param>
    /// <param name="survive">Whether a reminder is to do it where the activation is lost.</param>
    [Alias("Keep"), ResponseTimeout(CallBounds.Turn)]
    Task Keep(TimeSpan left, bool survive);

    /// <summary>Describes the request; null if it is unknown.</summary>
    [Alias("Describe"), ResponseTimeout(CallBounds.Turn)]
    Task<RequestReport?> Describe();

    /// <summary>
    /// Describes a durable request; while it is open, registers the observer, which is notified once when it has ended. A lost activation
    /// forgets the registration. Null if no durable request is known.
    /// </summary>
    [Alias("Watch"), ResponseTimeout(CallBounds.Turn)]
    Task<RequestReport?> Watch(IFrontDoorObserver observer);

    /// <summary>Ends the request, at the front door that has it too.</summary>
    [Alias("Cancel"), ResponseTimeout(CallBounds.Turn)]
    Task<CancelResult> Cancel();

    /// <summary>Notes that a durable request has ended: who waits for that is notified.</summary>
    [Alias("Ended"), ResponseTimeout(CallBounds.Turn)]
    Task Ended();
}

/// <summary>
/// Looks through the log of durable requests: ends those whose time is over, removes those that were kept long enough, gives up the attempts of
/// front doors that are gone, and has waiting requests delivered again. One activation, key <see cref="Key"/>, woken by a reminder each <see
/// cref="Period"/>.
/// </summary>
[Alias(Names.Interfaces.DurableSweeper), Version(Versions.DurableSweeper)]
public interface IDurableSweeperGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "all";

    /// <summary>The period of the sweeps: Orleans' shortest for reminders.</summary>
    static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Sets the reminder, and sweeps soon. Called by every silo that starts.</summary>
    [Alias("Start"), ResponseTimeout(CallBounds.Turn)]
    Task Start();

    /// <summary>Sweeps soon: a front door has gone.</summary>
    [Alias("Sweep"), ResponseTimeout(CallBounds.Turn)]
    Task Sweep();
}
