using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Grains;

/// <summary>Chooses among a front door's observers.</summary>
internal static class Observers
{
    /// <summary>Returns the observer of an id: always the same one, so that calls about one request keep their order.</summary>
    public static IFrontDoorObserver Of(FrontDoorLease frontDoor, ulong id) => frontDoor.Observers[(int)(id % (ulong)frontDoor.Observers.Count)];

    /// <summary>
    /// Returns the observer for an agent: spread over the observers, and the same in every process (FNV-1a; string hashes differ between
    /// processes).
    /// </summary>
    public static IFrontDoorObserver Of(FrontDoorLease frontDoor, string agentKey)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in agentKey)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return Of(frontDoor, hash);
    }
}
