using System.Collections.ObjectModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>Puts a cluster for tests together. Here it has one silo; more need the real packages.</summary>
public sealed class InProcessTestClusterBuilder
{
    /// <summary>Two silos, as the real one: <see cref="Build"/> will refuse them.</summary>
    public InProcessTestClusterBuilder()
        : this(2)
    {
    }

    /// <summary>So many silos.</summary>
    public InProcessTestClusterBuilder(short initialSilosCount) => Options.InitialSilosCount = initialSilosCount;

    /// <summary>What the cluster is made from.</summary>
    public InProcessTestClusterOptions Options { get; } = new();

    /// <summary>Configures each silo.</summary>
    public InProcessTestClusterBuilder ConfigureSilo(Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSiloDelegate)
        => ConfigureSiloHost((options, host) => host.UseOrleans(silo => configureSiloDelegate(options, silo)));

    /// <summary>Configures the program around each silo.</summary>
    public InProcessTestClusterBuilder ConfigureSiloHost(
        Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder> configureSiloHostDelegate)
    {
        Options.SiloHostConfigurationDelegates.Add(configureSiloHostDelegate);
        return this;
    }

    /// <summary>The cluster, not yet started. NotSupportedException: more than one silo.</summary>
    public InProcessTestCluster Build()
        => Options.InitialSilosCount == 1
            ? new InProcessTestCluster(Options)
            : throw new NotSupportedException("compat/Orleans has one silo: for more, build with -p:SwitchboardPackages=real.");
}

/// <summary>What a test cluster is made from.</summary>
public sealed class InProcessTestClusterOptions
{
    /// <summary>How many silos.</summary>
    public short InitialSilosCount { get; set; } = 1;

    /// <summary>The cluster's name.</summary>
    public string ClusterId { get; set; } = "testcluster";

    /// <summary>The service's name.</summary>
    public string ServiceId { get; set; } = "testservice";

    /// <summary>What configures the silos' programs.</summary>
    public List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHostConfigurationDelegates { get; } = [];
}

/// <summary>What is special of one silo.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    /// <summary>Its name.</summary>
    public string SiloName { get; set; } = "Silo_0";
}

/// <summary>A silo of a test cluster.</summary>
public abstract class SiloHandle
{
    private protected SiloHandle()
    {
    }
}

/// <summary>A silo of a test cluster in this process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    internal InProcessSiloHandle(IHost host) => SiloHost = host;

    /// <summary>The program around it.</summary>
    public IHost SiloHost { get; init; }

    /// <summary>Its services.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;
}

/// <summary>A cluster in this process.</summary>
public sealed class InProcessTestCluster : IAsyncDisposable
{
    private readonly List<InProcessSiloHandle> _silos = [];

    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    /// <summary>What it is made from.</summary>
    public InProcessTestClusterOptions Options { get; }

    /// <summary>Calls grains from outside.</summary>
    public IClusterClient Client { get; private set; } = null!;

    /// <summary>The silos.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos => _silos.AsReadOnly();

    /// <summary>Starts it.</summary>
    public async Task DeployAsync()
    {
        var specific = new InProcessTestSiloSpecificOptions();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "TestCluster" });
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (Options.ClusterId, Options.ServiceId))
            .Configure<SiloOptions>(o => o.SiloName = specific.SiloName));
        Options.SiloHostConfigurationDelegates.ForEach(configure => configure(specific, builder));
        var silo = new InProcessSiloHandle(builder.Build());
        await silo.SiloHost.StartAsync();
        _silos.Add(silo);

        Client = new GrainFactory(silo.ServiceProvider.GetRequiredService<GrainRuntime>(), silo.ServiceProvider);
    }

    /// <summary>The services of a silo.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) => _silos[0].ServiceProvider;

    /// <summary>Stops the silos in good order.</summary>
    public Task StopAllSilosAsync() => Task.WhenAll(_silos.Select(silo => silo.SiloHost.StopAsync()));

    /// <summary>Stops it and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAllSilosAsync();
        foreach (var silo in _silos)
        {
            await ((IAsyncDisposable)silo.SiloHost).DisposeAsync();
        }

        _silos.Clear();
    }
}
