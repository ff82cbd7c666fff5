using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Switchboard.Api.Startup;

/// <summary>
/// Provides options for the names of this silo and its cluster, and for how other silos and front doors that stand alone reach them. Its
/// ports must never be opened to outsiders.
/// </summary>
public sealed class SiloNetworkOptions : IValidatableObject
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Silo";

    /// <summary>The port for other silos. Default 11111.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>The port for front doors that stand alone (src/Api). Default 30000; 0 opens none.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>
    /// The IP address at which the others reach this silo, and on which it listens. The default is loopback, where a cluster is of one
    /// machine.
    /// </summary>
    [Required]
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>Gets <see cref="AdvertisedAddress"/>, or loopback where that cannot be read: then the start ends with a sentence.</summary>
    internal IPAddress Endpoint => IPAddress.TryParse(AdvertisedAddress, out var address) ? address : IPAddress.Loopback;

    /// <summary>The cluster's name: silos of one name form one cluster. Default <c>switchboard</c>.</summary>
    [Required]
    public string ClusterId { get; set; } = "switchboard";

    /// <summary>The service's name; it stays the same over blue and green clusters. Default <c>switchboard</c>.</summary>
    [Required]
    public string ServiceId { get; set; } = "switchboard";

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(AdvertisedAddress, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            yield return new ValidationResult(
                $"{nameof(AdvertisedAddress)} is '{AdvertisedAddress}'; it must be the one IP address at which the others reach this silo.");
        }
    }
}
