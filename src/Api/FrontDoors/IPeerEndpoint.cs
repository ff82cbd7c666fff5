namespace Switchboard.Api.FrontDoors;

/// <summary>Where other front doors reach this one, as its lease tells them.</summary>
internal interface IPeerEndpoint
{
    /// <summary>Gets the address and port; empty while, or where, it does not listen for others.</summary>
    string Address { get; }

    /// <summary>Gets the SHA-256 of its certificate, in hex; empty where it has none.</summary>
    string Certificate { get; }

    /// <summary>Gets the highest version of the protocol between front doors that it speaks.</summary>
    int Protocol { get; }

    /// <summary>Gets the lowest.</summary>
    int ProtocolLeast { get; }
}
