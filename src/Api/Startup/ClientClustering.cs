using Microsoft.Extensions.Options;
using Orleans.Configuration;
using StackExchange.Redis;
using Switchboard.Api.Hosting;
using Switchboard.Api.Sessions;

namespace Switchboard.Api.Startup;

/// <summary>How a front door that stands alone finds its silos.</summary>
internal static class ClientClustering
{
    /// <summary>ADO.NET's name of Npgsql, by which Orleans' providers choose their driver.</summary>
    public const string Npgsql = "Npgsql";

    /// <summary>Adds the options of a cluster, and their check.</summary>
    public static IServiceCollection AddClusteringOptions(this IServiceCollection services)
    {
        services.AddSwitchboardOptions<ClusteringOptions>(ClusteringOptions.SectionName);
        services.AddSingleton<IValidateOptions<ClusteringOptions>, ClusteringOptions.Validation>();
        services.AddOptions<AgentSessionOptions>().PostConfigure<IOptions<ClusteringOptions>>(static (sessions, cluster) =>
        {
            if (cluster.Value.LongestHeartbeat is { } longest && sessions.HeartbeatInterval > longest)
            {
                sessions.HeartbeatInterval = longest;
            }
        });
        return services;
    }

    /// <summary>Looks for the silos where the settings say that they register.</summary>
    public static IClientBuilder UseClustering(this IClientBuilder client, IConfiguration configuration)
    {
        var network = configuration.Peek<SiloNetworkOptions>(SiloNetworkOptions.SectionName);
        var cluster = configuration.Peek<ClusteringOptions>(ClusteringOptions.SectionName);
        var connection = cluster.Effective(configuration.Peek<StorageOptions>(StorageOptions.SectionName));
        if (cluster.Provider == ClusterProvider.None)
        {
            return client.UseLocalhostClustering(network.GatewayPort, network.ServiceId, network.ClusterId);
        }

        client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (network.ClusterId, network.ServiceId));
        return cluster.Provider == ClusterProvider.Redis
            ? client.UseRedisClustering(o => o.ConfigurationOptions = ConfigurationOptions.Parse(connection))
            : client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Npgsql, connection));
    }
}
