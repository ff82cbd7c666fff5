using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;
using Orleans.TestingHost;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Grains.Tests.Support;

/// <summary>A cluster in this process with our grains, memory storage, and a clock to turn by hand where the test wants one.</summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly List<FakeFrontDoor> _doors = [];

    private GrainCluster(InProcessTestCluster cluster, ManualTimeProvider? time)
    {
        _cluster = cluster;
        Time = time!;
    }

    public ManualTimeProvider Time { get; }

    public LogCapture Log { get; private init; } = new();

    public TestStorage Storage { get; private init; } = new();

    public bool ErrorsExpected { get; set; }

    public IGrainFactory Grains => _cluster.Client;

    public InProcessTestCluster Cluster => _cluster;

    public IFrontDoorRegistryGrain Registry => Grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);

    public static async Task<GrainCluster> StartAsync(
        ManualTimeProvider? time = null,
        Action<ISiloBuilder>? configure = null,
        IDictionary<string, string?>? settings = null,
        short silos = 1)
    {
        var (log, storage) = (new LogCapture(), new TestStorage());
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSiloHost((_, host) =>
        {
            host.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
            host.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        });
        builder.ConfigureSilo((_, silo) =>
        {
            if (time is not null)
                UseTime(silo.Services, time);
            storage.AddTo(silo);
            silo.UseInMemoryReminderService();
            silo.AddSwitchboardGrains();
            silo.Services.AddOptions<GrainOptions>().BindConfiguration(GrainOptions.SectionName);
            silo.Services.AddOptions<AgentPolicyOptions>().BindConfiguration(AgentPolicyOptions.SectionName);
            configure?.Invoke(silo);
        });
        var cluster = new GrainCluster(builder.Build(), time) { Log = log, Storage = storage };
        await cluster._cluster.DeployAsync();
        return cluster;
    }

    public IAgentGrain Agent(string id) => Grains.GetGrain<IAgentGrain>($"default/{id}");

    /// <summary>A front door that has its number.</summary>
    public async Task<FakeFrontDoor> DoorAsync(IGrainFactory? at = null)
    {
        var door = new FakeFrontDoor(at ?? Grains);
        lock (_doors)
        {
            _doors.Add(door);
        }

        await RenewAsync(door);
        return door;
    }

    public async Task RenewAsync(FakeFrontDoor door) => door.Number = (await Registry.Lease(door.Lease).DefaultTimeout()).Number;

    /// <summary>Ends the grain's activation; its memory is lost.</summary>
    public static async Task LoseAsync(IGrain grain) =>
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle().DefaultTimeout();

    /// <summary>How many activations there are of a grain type.</summary>
    public async Task<int> ActivationsAsync(string grainType) =>
        (await Grains.GetGrain<IManagementGrain>(0).GetActiveGrains(GrainType.Create(grainType)).DefaultTimeout()).Count;

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        if (!ErrorsExpected)
            Assert.Empty(Log.Errors);
    }

    // What the grains see is the test's clock. The real silo's own housekeeping stays on real time: it has its clocks by these keys.
    private static void UseTime(IServiceCollection services, ManualTimeProvider time)
    {
        services.AddSingleton<TimeProvider>(time);
        services.AddKeyedSingleton<TimeProvider>(KeyedService.AnyKey, (_, _) => TimeProvider.System);
        services.AddKeyedSingleton<TimeProvider>("Orleans.Grains", time);
        services.AddKeyedSingleton<TimeProvider>("Orleans.Reminders", time);
    }
}
