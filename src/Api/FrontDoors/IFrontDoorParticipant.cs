using Switchboard.Core.Agents;

namespace Switchboard.Api.FrontDoors;

/// <summary>
/// Represents a part of the front door that follows its number and its stop. Parts are called in the order of their registration.
/// </summary>
internal interface IFrontDoorParticipant
{
    /// <summary>Notes that the front door holds another number from now on.</summary>
    void OnNumberChanged()
    {
    }

    /// <summary>Notes that the lease was renewed, every 5 s in a cluster. Does not wait.</summary>
    /// <param name="cluster">What the registry knows of all front doors.</param>
    void OnRenewed(ClusterSessions cluster)
    {
    }

    /// <summary>
    /// Notes that other front doors are gone, and their sessions with them; so are, perhaps, the grains that lived beside them. Told once
    /// of each, with a renewal. Does not wait.
    /// </summary>
    void OnOthersGone(IReadOnlyCollection<ushort> numbers)
    {
    }

    /// <summary>
    /// Begins the stop: nothing new is accepted. Completes when this part no longer needs this front door, at the latest when <paramref
    /// name="drainEnded"/> fires.
    /// </summary>
    Task DrainAsync(CancellationToken drainEnded) => Task.CompletedTask;

    /// <summary>Gets how many sessions of agents this part holds, without those whose agents have another one; told with each renewal.</summary>
    int Sessions => 0;

    /// <summary>
    /// Ends what is served here, because the number could not be renewed for so long that others serve it. Does not wait.
    /// </summary>
    void OnFenced()
    {
    }

    /// <summary>Ends what is still open: the drain time is over. Does not wait.</summary>
    void EndAll()
    {
    }

    /// <summary>Completes when what has ended was reported to the cluster, or reporting was given up.</summary>
    Task WhenReportedAsync() => Task.CompletedTask;
}
