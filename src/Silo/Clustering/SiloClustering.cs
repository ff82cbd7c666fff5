using Orleans.Configuration;
using StackExchange.Redis;
using Switchboard.Api.Startup;

namespace Switchboard.Silo.Clustering;

/// <summary>Chooses how silos find one another, and where the directory of grains is.</summary>
internal static class SiloClustering
{
    /// <summary>
    /// How long a silo's client, a front door that stands alone, may be silent until it is taken for dead: as long as a front door's lease.
    /// </summary>
    private static readonly TimeSpan _clientDropTimeout = TimeSpan.FromSeconds(20);

    public static ISiloBuilder UseClustering(
        this ISiloBuilder silo, ClusteringOptions cluster, StorageOptions storage, SiloNetworkOptions network)
    {
        silo.Services.Configure<SiloMessagingOptions>(static o => o.ClientDropTimeout = _clientDropTimeout);
        if (cluster.Provider == ClusterProvider.None)
        {
            return silo.UseLocalhostClustering(network.SiloPort, network.GatewayPort, serviceId: network.ServiceId, clusterId: network.ClusterId);
        }

        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (network.ClusterId, network.ServiceId));
        silo.ConfigureEndpoints(network.Endpoint, network.SiloPort, network.GatewayPort);
        silo.Services.Configure<ClusterMembershipOptions>(o => MembershipProfile.Apply(cluster.Profile, o));
        var connection = cluster.Effective(storage);
        return cluster.Provider == ClusterProvider.Redis
            ? silo.UseRedisClustering(o => o.ConfigurationOptions = ConfigurationOptions.Parse(connection))
                .UseRedisGrainDirectoryAsDefault(o => o.ConfigurationOptions = ConfigurationOptions.Parse(connection))
            : silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (ClientClustering.Npgsql, connection)).UseDistributedDirectory();
    }

    // Orleans' own directory forgets, when a silo leaves, the survivors' activations that were registered in its partition
    // (docs/adr/0004-the-grain-directory-of-a-cluster.md).
    private static ISiloBuilder UseDistributedDirectory(this ISiloBuilder silo)
    {
        silo.Services.Configure<GrainDirectoryOptions>(static o =>
        {
            o.PartitionsPerSilo = 16;
            o.RangeLeaseDuration = TimeSpan.FromSeconds(2);
        });
#pragma warning disable ORLEANSEXP003 // Experimental: the reason is above.
        return silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
    }
}
