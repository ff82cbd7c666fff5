using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Grains;

/// <summary>Which of a front door's lanes to take.</summary>
internal static class Lanes
{
    /// <summary>The lane of an id: always the same one, so that what is said about one request keeps its order.</summary>
    public static IFrontDoorLane Of(FrontDoorLease frontDoor, ulong id) => frontDoor.Lanes[(int)(id % (ulong)frontDoor.Lanes.Count)];

    /// <summary>
    /// The lane for an agent: spread over the lanes, and the same in every process (FNV-1a; string hashes differ between processes).
    /// </summary>
    public static IFrontDoorLane Of(FrontDoorLease frontDoor, string agentKey)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in agentKey)
            hash = (hash ^ c) * 1099511628211UL;
        return Of(frontDoor, hash);
    }
}
