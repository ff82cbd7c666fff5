using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>A silo in a program of one's own.</summary>
public sealed class HostingTests
{
    private readonly string _key = Diary.NewKey();

    [Fact]
    public async Task A_program_with_a_silo_calls_its_grains_and_stops_them()
    {
        var (siloPort, gatewayPort) = (FreePort(), FreePort());
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(siloPort, gatewayPort, serviceId: "s", clusterId: "c")
            .AddMemoryGrainStorageAsDefault());
        var host = builder.Build();
        await host.StartAsync().DefaultTimeout();
        var options = host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        Assert.Equal(("s", "c"), (options.ServiceId, options.ClusterId));

        var worker = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IWorker>(_key);
        Assert.Equal(3, await worker.Add(1, 2).DefaultTimeout());
        Assert.Equal(3, await host.Services.GetRequiredService<IClusterClient>().GetGrain<IWorker>(_key).Add(1, 2).DefaultTimeout());

        await host.StopAsync().DefaultTimeout();
        Assert.Contains("deactivated 1 ShuttingDown", Diary.Of(_key).Entries);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => worker.Add(1, 2).DefaultTimeout());
        host.Dispose();
    }

    [Fact]
    public async Task A_state_in_a_store_that_is_not_there_is_refused_when_it_is_needed()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var stray = cluster.Client.GetGrain<IStray>(_key);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => stray.Touch().DefaultTimeout());
        Assert.Contains("nowhere", thrown.ToString(), StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

[Alias("compat.stray")]
public interface IStray : IGrainWithStringKey
{
    [Alias("Touch")]
    Task Touch();
}

[GrainType("compat-stray")]
public sealed class StrayGrain([PersistentState("s", "nowhere")] IPersistentState<NotebookState> state) : Grain, IStray
{
    public Task Touch() => state.ReadStateAsync();
}
