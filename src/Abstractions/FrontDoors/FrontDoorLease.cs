namespace Switchboard.Abstractions.FrontDoors;

/// <summary>What a front door says of itself when it takes, or renews, its number.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.FrontDoorLease)]
public sealed record FrontDoorLease
{
    /// <summary>The number held or wanted; 0 asks for any. Number 0 itself is never given out.</summary>
    [Id(0)]
    public required ushort Number { get; init; }

    /// <summary>Random, one a process: tells two holders of one number apart.</summary>
    [Id(1)]
    public required Guid Holder { get; init; }

    /// <summary>The lanes, at least one.</summary>
    [Id(2)]
    public required IReadOnlyList<IFrontDoorLane> Lanes { get; init; }

    /// <summary>A name for people: host and process.</summary>
    [Id(3)]
    public required string Name { get; init; }
}

/// <summary>The registry's answer to a lease.</summary>
[GenerateSerializer, Immutable, Alias(Names.Types.FrontDoorLeased)]
public sealed record FrontDoorLeased
{
    /// <summary>The number that is now held; 0 where the wanted one belongs to somebody else.</summary>
    [Id(0)]
    public required ushort Number { get; init; }

    /// <summary>How long without a renewal until the number lapses.</summary>
    [Id(1)]
    public required TimeSpan Duration { get; init; }

    /// <summary>How many front doors hold a number, this one among them.</summary>
    [Id(2)]
    public int FrontDoors { get; init; }
}

/// <summary>What the registry writes down, so that its activation's loss gives no number out twice.</summary>
[GenerateSerializer, Alias(Names.Types.FrontDoorRegistryState)]
public sealed class FrontDoorRegistryState
{
    /// <summary>Version of this layout; only ever added to.</summary>
    [Id(0)]
    public int SchemaVersion { get; set; } = 1;

    /// <summary>The last number that was given out.</summary>
    [Id(1)]
    public ushort LastNumber { get; set; }

    /// <summary>Current leases by number.</summary>
    [Id(2)]
    public Dictionary<ushort, FrontDoorLease> Leases { get; set; } = [];
}
