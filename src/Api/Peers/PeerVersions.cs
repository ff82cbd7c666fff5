using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Api.Peers;

/// <summary>The versions of the protocol between front doors that one of them speaks.</summary>
/// <param name="Least">The lowest.</param>
/// <param name="Most">The highest.</param>
internal readonly record struct PeerVersions(int Least, int Most)
{
    /// <summary>Gets those of this program.</summary>
    public static PeerVersions Own { get; } = new(PeerMetadata.Least, PeerMetadata.Version);

    /// <summary>Reads those that a front door registered. One that names no lowest speaks one version.</summary>
    public static PeerVersions Of(FrontDoorLease lease) =>
        new(lease.PeerProtocolLeast == 0 ? lease.PeerProtocol : lease.PeerProtocolLeast, lease.PeerProtocol);

    /// <summary>Finds the version that two front doors speak with each other, the highest that both do; null: there is none.</summary>
    public int? Common(PeerVersions other)
    {
        var common = Math.Min(Most, other.Most);
        return common > 0 && common >= Least && common >= other.Least ? common : null;
    }
}
