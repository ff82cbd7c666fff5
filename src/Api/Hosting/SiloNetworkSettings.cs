using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Hosting;

/// <summary>
/// How this silo and its cluster are named, and reached by front doors that stand alone. The silo listens on loopback; never open its
/// ports to outsiders.
/// </summary>
public sealed class SiloNetworkSettings
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Silo";

    /// <summary>
    /// The settings as they stand, or the defaults where they cannot be read: a host is built before its settings are checked, and does
    /// not start with wrong ones.
    /// </summary>
    public static SiloNetworkSettings Peek(IConfiguration configuration)
    {
        var settings = new SiloNetworkSettings();
        SectionReader.Read(configuration.GetSection(SectionName), settings);
        return settings;
    }

    /// <summary>Port for other silos. Default 11111.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for front doors that stand alone (src/Api). Default 30000; 0 opens none.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>The cluster's name: silos of one name form one cluster. Default <c>switchboard</c>.</summary>
    [Required]
    public string ClusterId { get; set; } = "switchboard";

    /// <summary>The service's name; it stays the same over blue and green clusters. Default <c>switchboard</c>.</summary>
    [Required]
    public string ServiceId { get; set; } = "switchboard";
}
