using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Switchboard.Api.Peers;

/// <summary>Where the front doors of a cluster reach this one. Never open this port to outsiders.</summary>
public sealed class PeerOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Peer";

    /// <summary>gRPC over mutual TLS. The default is 8082; 0: the system chooses. Not listened on where there is no cluster.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8082;

    /// <summary>The IP address at which the others reach this one, and on which it listens. The default, empty, is the silo's.</summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>Gets or sets what counts where <see cref="AdvertisedAddress"/> is empty: the silo's address, where there is one here.</summary>
    internal IPAddress DefaultAddress { get; set; } = IPAddress.Loopback;

    /// <summary>Gets the address that counts.</summary>
    internal IPAddress Endpoint => IPAddress.TryParse(AdvertisedAddress, out var address) ? address : DefaultAddress;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AdvertisedAddress.Length > 0
            && (!IPAddress.TryParse(AdvertisedAddress, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            yield return new ValidationResult(
                $"{nameof(AdvertisedAddress)} is '{AdvertisedAddress}'; it must be the one IP address at which the others reach this front door.");
        }
    }
}
