using Microsoft.Extensions.Options;
using Switchboard.Api.Hosting;

namespace Switchboard.Api.Startup;

/// <summary>Names where silos find one another.</summary>
public enum ClusterProvider
{
    /// <summary>Nowhere: the one silo stands alone.</summary>
    None,

    /// <summary>A PostgreSQL database; its schema is made by <c>--migrate</c>.</summary>
    PostgreSql,

    /// <summary>A Redis server, which keeps the grain directory too.</summary>
    Redis,
}

/// <summary>Names how soon a silo is taken for dead.</summary>
public enum ClusterProfile
{
    /// <summary>
    /// Orleans' own times, for any network: a killed silo's grains answer elsewhere after 15 s, those of one that hangs after a minute.
    /// </summary>
    Default,

    /// <summary>
    /// For a quiet network and machines with room: a killed silo's grains answer elsewhere after a second, those of one that hangs after
    /// five. The price: a probe every 500 ms between silos, and one that is starved for a second is taken for dead, and ends.
    /// </summary>
    Fast,
}

/// <summary>How silos form a cluster.</summary>
public sealed class ClusteringOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Cluster";

    /// <summary>Where silos find one another. The default is <see cref="ClusterProvider.None"/>.</summary>
    public ClusterProvider Provider { get; set; }

    /// <summary>
    /// The provider's connection string. The default, empty, is that of the storage, where both are PostgreSQL.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>How soon a silo is taken for dead. The default is <see cref="ClusterProfile.Default"/>.</summary>
    public ClusterProfile Profile { get; set; }

    /// <summary>
    /// Gets after what time without a renewal a front door ends its sessions: what a silo that hangs takes to be found (61 s and 4 s,
    /// measured), and two renewals more.
    /// </summary>
    internal TimeSpan FenceAfter => TimeSpan.FromSeconds(Profile == ClusterProfile.Fast ? 20 : 75);

    /// <summary>
    /// Gets the longest interval of heartbeats to agents, which find a node that hangs after 2.5 of them; null: the profile asks for none.
    /// </summary>
    internal TimeSpan? LongestHeartbeat => Provider != ClusterProvider.None && Profile == ClusterProfile.Fast ? TimeSpan.FromSeconds(4) : null;

    /// <summary>Returns the connection string that counts.</summary>
    internal string Effective(StorageOptions storage) =>
        ConnectionString.Length == 0 && Provider == ClusterProvider.PostgreSql && storage.Provider == StorageProvider.PostgreSql
            ? storage.ConnectionString
            : ConnectionString;

    /// <summary>Checks what depends on the storage's settings too.</summary>
    internal sealed class Validation(IOptions<StorageOptions> storage) : IValidateOptions<ClusteringOptions>
    {
        public ValidateOptionsResult Validate(string? name, ClusteringOptions options)
        {
            if (options.Provider == ClusterProvider.None || storage.ValueIfRight() is not { } kept)
            {
                return ValidateOptionsResult.Success;
            }

            var effective = options.Effective(kept);
            var problem = options.Provider == ClusterProvider.Redis
                ? ConnectionStrings.RedisProblem(effective)
                : ConnectionStrings.PostgreSqlProblem(effective);
            return problem is null
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"{SectionName}:{nameof(ConnectionString)} {problem}");
        }
    }
}
