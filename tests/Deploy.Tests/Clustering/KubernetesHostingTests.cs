using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting.Kubernetes;
using Switchboard.Api.Startup;
using Switchboard.Silo.Clustering;

namespace Switchboard.Deploy.Tests.Clustering;

/// <summary>What Orleans' hosting package does to a silo's settings, and what it leaves alone.</summary>
public sealed class KubernetesHostingTests : IDisposable
{
    private const string ApiServer = "KUBERNETES_SERVICE_HOST";

    // Of those for documentation (RFC 5737), and no machine's.
    private const string PodAddress = "203.0.113.9";

    // The package reads the process's environment.
    private static readonly (string Name, string Value)[] _pod =
        [("POD_NAME", "switchboard-1"), ("POD_NAMESPACE", "switchboard"), ("POD_IP", PodAddress), ("ORLEANS_CLUSTER_ID", "of-the-pod"), ("ORLEANS_SERVICE_ID", "of-the-pod")];

    private static readonly ClusteringOptions _cluster = new() { Provider = ClusterProvider.PostgreSql };

    public KubernetesHostingTests() => Array.ForEach(_pod, v => Environment.SetEnvironmentVariable(v.Name, v.Value));

    public void Dispose() => Array.ForEach(_pod, v => Environment.SetEnvironmentVariable(v.Name, null));

    /// <summary>It is there only in Kubernetes, and only in a cluster: alone it would need rights for nothing.</summary>
    [Theory]
    [InlineData("10.0.0.1", ClusterProvider.PostgreSql, true)]
    [InlineData("10.0.0.1", ClusterProvider.Redis, true)]
    [InlineData("10.0.0.1", ClusterProvider.None, false)]
    [InlineData("", ClusterProvider.PostgreSql, false)]
    [InlineData(null, ClusterProvider.PostgreSql, false)]
    public void It_is_there_only_where_it_is_of_use(string? apiServer, ClusterProvider provider, bool expected)
    {
        var services = new ServiceCollection();
        using var host = Host(apiServer, silo => silo.UseKubernetesWhereItRuns(new() { Provider = provider }, new()), services);
        Assert.Equal(expected, services.Any(s => s.ImplementationType == typeof(KubernetesClusterAgent)));
    }

    /// <summary>The silo is named as its pod, by which the package knows whose pod is gone.</summary>
    [Fact]
    public void The_silo_has_its_pods_name()
    {
        using var host = Host("10.0.0.1", static silo => silo.UseKubernetesWhereItRuns(_cluster, new()));
        Assert.Equal("switchboard-1", Of<SiloOptions>(host).SiloName);
    }

    /// <summary>What our settings say of addresses and ports stays, and the silo listens there and nowhere else.</summary>
    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("2001:db8::7")]
    public void Our_addresses_and_ports_stay(string address)
    {
        var network = new SiloNetworkOptions { AdvertisedAddress = address, SiloPort = 11112, GatewayPort = 30001 };
        using var host = Host("10.0.0.1", silo => silo
            .UseKubernetesWhereItRuns(_cluster, network)
            .ConfigureEndpoints(IPAddress.Parse(address), network.SiloPort, network.GatewayPort));
        var endpoints = Of<EndpointOptions>(host);
        Assert.Equal(address, endpoints.AdvertisedIPAddress.ToString());
        Assert.Equal((11112, 30001), (endpoints.SiloPort, endpoints.GatewayPort));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 11112), endpoints.SiloListeningEndpoint);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 30001), endpoints.GatewayListeningEndpoint);
    }

    /// <summary>
    /// Without an address of ours it is whatever Orleans finds on the machine, whatever POD_IP says: Orleans' own default is there before
    /// the package looks whether there is one. So the manifests say it in our own setting.
    /// </summary>
    [Fact]
    public void Without_ours_the_address_is_not_the_pods()
    {
        using var host = Host("10.0.0.1", static silo => silo.UseKubernetesWhereItRuns(_cluster, new()));
        Assert.NotEqual(PodAddress, Of<EndpointOptions>(host).AdvertisedIPAddress.ToString());
    }

    /// <summary>Of the names of cluster and service, whoever speaks last has them: ours have to come after it.</summary>
    [Theory]
    [InlineData(true, "ours")]
    [InlineData(false, "of-the-pod")]
    public void Our_names_stay_where_they_come_after_it(bool first, string expected)
    {
        using var host = Host("10.0.0.1", silo =>
        {
            _ = first ? silo.UseKubernetesWhereItRuns(_cluster, new()) : silo;
            silo.Configure<ClusterOptions>(static o => (o.ClusterId, o.ServiceId) = ("ours", "ours"));
            _ = first ? silo : silo.UseKubernetesWhereItRuns(_cluster, new());
        });
        Assert.Equal((expected, expected), (Of<ClusterOptions>(host).ClusterId, Of<ClusterOptions>(host).ServiceId));
    }

    private static T Of<T>(IHost host)
        where T : class => host.Services.GetRequiredService<IOptions<T>>().Value;

    private static IHost Host(string? apiServer, Action<ISiloBuilder> configure, IServiceCollection? seen = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create(ApiServer, apiServer)]);
        builder.UseOrleans(configure);
        foreach (var service in builder.Services)
        {
            seen?.Add(service);
        }

        return builder.Build();
    }
}
