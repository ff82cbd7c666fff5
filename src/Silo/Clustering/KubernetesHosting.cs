using System.Net;
using Orleans.Configuration;
using Switchboard.Api.Startup;

namespace Switchboard.Silo.Clustering;

/// <summary>What a silo does more where it runs as a pod: its membership follows the pods.</summary>
internal static class KubernetesHosting
{
    // Kubernetes sets it in every container, whatever the manifest says of service links.
    private const string ApiServer = "KUBERNETES_SERVICE_HOST";

    /// <summary>
    /// Names the silo as its pod, and declares silos dead whose pods are gone, before their probes would. It does no clustering of its own,
    /// and a cluster of one has nobody to declare dead: it would only need rights that it has no use for.
    /// </summary>
    /// <remarks>
    /// To be called before the cluster's own settings: of the names of cluster and service, whoever speaks last has them.
    /// </remarks>
    public static ISiloBuilder UseKubernetesWhereItRuns(this ISiloBuilder silo, ClusteringOptions cluster, SiloNetworkOptions network)
    {
        if (cluster.Provider == ClusterProvider.None || string.IsNullOrEmpty(silo.Configuration[ApiServer]))
        {
            return silo;
        }

        // Where nobody says where a silo listens, the package has it listen on every interface, of IPv4 alone.
        silo.Configure<EndpointOptions>(o =>
        {
            o.SiloListeningEndpoint = new IPEndPoint(network.Endpoint, network.SiloPort);
            o.GatewayListeningEndpoint = network.GatewayPort > 0 ? new IPEndPoint(network.Endpoint, network.GatewayPort) : null;
        });
        return silo.UseKubernetesHosting();
    }
}
