using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.TestingHost;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>
/// One silo for the tests of a class. Everything here is the public API, so that the same tests judge the stand-in and the
/// real packages. Calls are made from inside the silo's process, as the gateway makes them, unless a test says otherwise.
/// </summary>
public sealed class GrainCluster : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    /// <summary>Calls grains as the gateway does: from the silo's own process.</summary>
    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => Cluster.GetSiloServiceProvider();

    internal InProcessTestCluster Cluster => _cluster ?? throw new InvalidOperationException("Not started.");

    public static async Task<InProcessTestCluster> StartAsync(Action<ISiloBuilder>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddMemoryGrainStorage("named");
            silo.UseInMemoryReminderService();
            configure?.Invoke(silo);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync().DefaultTimeout();
        return cluster;
    }

    /// <summary>A clock that the test turns drives grains, their collection and reminders; the machinery keeps the wall's.</summary>
    internal static void UseManualTime(ISiloBuilder silo, ManualTimeProvider time)
    {
        silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
        string[] machinery =
        [
            TimeProviderNames.GrainDirectory, TimeProviderNames.Membership, TimeProviderNames.Messaging, TimeProviderNames.SystemTimers,
        ];
        foreach (var area in machinery)
        {
            silo.Services.AddKeyedSingleton(area, TimeProvider.System);
        }
    }

    public async Task InitializeAsync() => _cluster = await StartAsync();

    public async Task DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            await cluster.StopAllSilosAsync().DefaultTimeout();
            await cluster.DisposeAsync();
        }
    }
}
