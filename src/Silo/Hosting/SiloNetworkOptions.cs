using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Switchboard.Silo.Hosting;

/// <summary>How this silo and its cluster are named and reached by other silos and by front doors that stand alone. Never open these ports to outsiders.</summary>
public sealed class SiloNetworkOptions
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Silo";

    /// <summary>Port for other silos. The default is 11111.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for front doors that stand alone (src/Api). The default is 30000; 0 opens none.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>The cluster's name: silos of one name form one cluster. The default is <c>switchboard</c>.</summary>
    [Required, MaxLength(64)]
    public string ClusterId { get; set; } = "switchboard";

    /// <summary>The service's name; stays the same over blue and green clusters. The default is <c>switchboard</c>.</summary>
    [Required, MaxLength(64)]
    public string ServiceId { get; set; } = "switchboard";
}

/// <summary>Checks <see cref="SiloNetworkOptions"/>.</summary>
[OptionsValidator]
public sealed partial class SiloNetworkOptionsValidator : IValidateOptions<SiloNetworkOptions>;
