using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Orleans.Configuration;
using Orleans.Core.Internal;
using Orleans.Reminders;
using Orleans.TestingHost;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.Durable;
using Switchboard.Api.Durable.Logs;

namespace Switchboard.Grains.Tests.Support;

/// <summary>A cluster in this process with our grains, memory storage, and a clock for the grains that stands still until a test turns it.</summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly List<FakeFrontDoor> _doors = [];

    private GrainCluster(InProcessTestClusterBuilder builder) => _cluster = builder.Build();

    /// <summary>The grains' clock and the reminders'.</summary>
    public required ManualTimeProvider Time { get; init; }

    /// <summary>What our grains log; nothing of Orleans' own.</summary>
    public required FakeLogCollector Log { get; init; }

    /// <summary>An event whose logging throws, as a sink does whose disk is full.</summary>
    public int LogBreaksAt { get; set; } = -1;

    public required TestStorage Storage { get; init; }

    /// <summary>The durable requests, which every silo of the cluster reaches.</summary>
    public required IRequestLog Requests { get; init; }

    /// <summary>Whether the test makes errors on purpose. One that no test expects fails it.</summary>
    public bool ErrorsExpected { get; set; }

    public IGrainFactory Grains => _cluster.Client;

    public InProcessTestCluster Cluster => _cluster;

    public IFrontDoorRegistryGrain Registry => Grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);

    public static async Task<GrainCluster> StartAsync(
        Action<ISiloBuilder>? configure = null,
        IDictionary<string, string?>? settings = null,
        short silos = 1)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        GrainCluster? cluster = null;
        var log = FakeLogCollector.Create(new FakeLogCollectorOptions
        {
            OutputSink = _ => { },
            OutputFormatter = record =>
                record.Id.Id == cluster?.LogBreaksAt ? throw new IOException("The log's disk is full.") : record.Message,
        });
        var (storage, time) = (new TestStorage(), new ManualTimeProvider());
        var limits = new DurableOptions();
        var requests = new MemoryRequestLog(limits.Bounds(), limits.Retention, time);
        builder.ConfigureSiloHost((_, host) =>
        {
            host.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
            host.Logging.AddProvider(new FakeLoggerProvider(log));
            host.Logging.SetMinimumLevel(LogLevel.None).AddFilter("Switchboard", LogLevel.Debug);
        });
        builder.ConfigureSilo((_, silo) =>
        {
            UseTime(silo.Services, time);
            storage.AddTo(silo);
            silo.Services.AddSingleton(new StorageTraits(SurvivesProcess: true));
            silo.UseInMemoryReminderService();
            silo.Services.AddSingleton<IRequestLog>(requests);
            silo.AddSwitchboardGrains();
            silo.Configure<GrainCollectionOptions>(CollectSoon);
            silo.Services.AddOptions<GrainOptions>().BindConfiguration(GrainOptions.SectionName);
            silo.Services.AddOptions<AgentPolicyOptions>().BindConfiguration(AgentPolicyOptions.SectionName);
            configure?.Invoke(silo);
        });
        cluster = new GrainCluster(builder) { Log = log, Requests = requests, Storage = storage, Time = time };
        await cluster._cluster.DeployAsync();
        return cluster;
    }

    // The silo collects by the machine's own clock: sooner than in production, so that a test need not wait for it.
    private static void CollectSoon(GrainCollectionOptions options)
    {
        options.CollectionQuantum = TimeSpan.FromMilliseconds(200);
        foreach (var grain in options.ClassSpecificCollectionAge.Keys.ToArray())
        {
            options.ClassSpecificCollectionAge[grain] = TimeSpan.FromSeconds(1);
        }
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
        {
            Assert.Empty(Log.Errors());
        }
    }

    // Only what the grains see and what reminds them is the test's clock. The runtime keeps real time: its own delays would spin on a
    // clock that stands still.
    private static void UseTime(IServiceCollection services, ManualTimeProvider time) => services
        .AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, time)
        .AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, new ReminderClock(time));
}
