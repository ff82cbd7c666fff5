namespace Switchboard.Abstractions.FrontDoors;

/// <summary>Describes a front door that takes, or renews, its number.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.FrontDoorLease)]
public sealed record FrontDoorLease
{
    /// <summary>The number held or wanted; 0 requests any. Number 0 itself is never leased.</summary>
    [Id(0)]
    public required ushort Number { get; init; }

    /// <summary>A random id of the process, which distinguishes two holders of one number.</summary>
    [Id(1)]
    public required Guid Holder { get; init; }

    /// <summary>The observers, at least one.</summary>
    [Id(2)]
    public required IReadOnlyList<IFrontDoorObserver> Observers { get; init; }

    /// <summary>A display name: host and process.</summary>
    [Id(3)]
    public required string Name { get; init; }

    /// <summary>Where other front doors reach this one, as address and port; empty: nowhere, it stands alone.</summary>
    [Id(4)]
    public string PeerAddress { get; init; } = "";

    /// <summary>The SHA-256 of the certificate by which other front doors know it, in hex; empty: it has none.</summary>
    [Id(5)]
    public string PeerCertificate { get; init; } = "";

    /// <summary>The version of the protocol between front doors that it speaks, the highest where it speaks several.</summary>
    [Id(6)]
    public int PeerProtocol { get; init; }

    /// <summary>
    /// The sessions that it held at its last renewal, without those whose agents have another one. Written down with other changes only.
    /// </summary>
    [Id(7)]
    public int Sessions { get; init; }

    /// <summary>
    /// The silo in whose process it is, so that its lease ends when that silo is declared dead; null: it stands alone, as a client.
    /// </summary>
    [Id(8)]
    public SiloAddress? Silo { get; init; }

    /// <summary>The lowest version of that protocol that it speaks; 0: it speaks one alone.</summary>
    [Id(9)]
    public int PeerProtocolLeast { get; init; }
}

/// <summary>Represents the registry's reply to a lease.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.FrontDoorLeased)]
public sealed record FrontDoorLeased
{
    /// <summary>The number that is now held; 0 if another front door holds the wanted one.</summary>
    [Id(0)]
    public required ushort Number { get; init; }

    /// <summary>The time after which the number lapses without a renewal.</summary>
    [Id(1)]
    public required TimeSpan Duration { get; init; }

    /// <summary>How many front doors hold a number, this one included.</summary>
    [Id(2)]
    public int FrontDoors { get; init; }

    /// <summary>Numbers that were given back or lapsed within the last minute. Their sessions have ended.</summary>
    [Id(3)]
    public IReadOnlyList<ushort> Gone { get; init; } = [];

    /// <summary>
    /// Whether the number was refused because the cluster has declared the front door's silo dead: others serve its agents already.
    /// </summary>
    [Id(4)]
    public bool SiloIsDead { get; init; }

    /// <summary>The sessions of all of them, as each reported them with its last renewal.</summary>
    [Id(5)]
    public long Sessions { get; init; }

    /// <summary>The time since a front door took a number or gave one up, as far as this registry knows: it counts from its own start.</summary>
    [Id(6)]
    public TimeSpan Unchanged { get; init; }
}

/// <summary>Holds what the registry persists, so that the loss of its activation leases no number twice.</summary>
[GenerateSerializer, Alias(Names.Types.FrontDoorRegistryState)]
public sealed class FrontDoorRegistryState
{
    /// <summary>The version of this layout; properties are only ever added.</summary>
    [Id(0)]
    public int SchemaVersion { get; set; } = 1;

    /// <summary>The last number that was leased.</summary>
    [Id(1)]
    public ushort LastNumber { get; set; }

    /// <summary>Current leases by number.</summary>
    [Id(2)]
    public Dictionary<ushort, FrontDoorLease> Leases { get; set; } = [];

    /// <summary>When each of them lapses, as far as it was written down; by the wall clock.</summary>
    [Id(3)]
    public Dictionary<ushort, DateTimeOffset> LapsesAt { get; set; } = [];

    /// <summary>Numbers that are free and not to be given out yet, and until when; by the wall clock.</summary>
    [Id(4)]
    public Dictionary<ushort, DateTimeOffset> Resting { get; set; } = [];

    /// <summary>Copies it, to be written down while the original changes.</summary>
    public FrontDoorRegistryState Copy() => new()
    {
        SchemaVersion = SchemaVersion,
        LastNumber = LastNumber,
        Leases = new(Leases),
        LapsesAt = new(LapsesAt),
        Resting = new(Resting),
    };
}
