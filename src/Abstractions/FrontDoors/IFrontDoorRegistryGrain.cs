using Orleans.CodeGeneration;

namespace Switchboard.Abstractions.FrontDoors;

/// <summary>
/// Leases front-door numbers and knows how to reach their holders. One activation, key <see cref="Key"/>.
/// A lease is renewed every 5 s and lapses after 20 s, or at once when the cluster declares the holder's silo dead.
/// </summary>
[Alias(Names.Interfaces.FrontDoorRegistry), Version(Versions.FrontDoorRegistry)]
public interface IFrontDoorRegistryGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "all";

    /// <summary>Takes or renews a number.</summary>
    [Alias("Lease"), ResponseTimeout(CallBounds.Turn)]
    Task<FrontDoorLeased> Lease(FrontDoorLease lease);

    /// <summary>Releases a number. A number of another holder is left unchanged.</summary>
    [Alias("Release"), ResponseTimeout(CallBounds.Turn)]
    Task Release(ushort number, Guid holder);

    /// <summary>Returns every front door whose lease has not lapsed.</summary>
    [Alias("List"), ResponseTimeout(CallBounds.Turn)]
    Task<IReadOnlyList<FrontDoorLease>> List();

    /// <summary>Returns the holder of a number; null if there is none.</summary>
    [Alias("Find"), ResponseTimeout(CallBounds.Turn)]
    Task<FrontDoorLease?> Find(ushort number);
}
