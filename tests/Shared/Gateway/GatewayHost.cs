using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Switchboard.Abstractions;
using Switchboard.Api;
using Switchboard.Api.Admission;
using Switchboard.Api.Durable;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Hosting;
using Switchboard.Api.Listening;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Grains;
using Switchboard.V1;

namespace Switchboard.TestSupport;

/// <summary>
/// The whole gateway in this process: a silo with memory storage, the front door, Kestrel on ports that the system chose. With a
/// clock given, the engine's time is that clock; the silo's and Kestrel's stays the system's.
/// </summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FakeLogCollector _errors;
    private readonly List<GrpcChannel> _channels = [];
    private readonly DirectoryInfo _data;
    private readonly Silo _silo;

    private GatewayHost(WebApplication app, FakeLogCollector errors, DirectoryInfo data, GatewayClock clock, Silo silo)
    {
        _app = app;
        _silo = silo;
        _errors = errors;
        _data = data;
        Clock = clock;
        Client = NewClient();
    }

    /// <summary>A client on a connection of its own, for callers.</summary>
    public AgentGateway.AgentGatewayClient Client { get; }

    public GatewayClock Clock { get; }

    public Uri Rest => Service<ListenAddresses>().Http;

    public IServiceProvider Services => _app.Services;

    public InFlightRequests Requests => Service<InFlightRequests>();

    public AdmissionLimits Limits => Service<AdmissionLimits>();

    public int FrontDoorNumber => Service<IFrontDoor>().Number;

    public SessionRegistry Sessions => Service<SessionRegistry>();

    public static Task<GatewayHost> StartAsync(
        ManualTimeProvider? time = null, Action<IServiceCollection>? configure = null, params (string Key, string Value)[] settings) =>
        StartAsync(new Silo(FreePorts.Next(), FreePorts.Next(), Primary: null, Clustered: false), time, configure, settings);

    /// <summary>Starts one that others join, or one that joins another: front doors of one cluster.</summary>
    public static Task<GatewayHost> StartClusteredAsync(
        GatewayHost? joins, Action<IServiceCollection>? configure = null, params (string Key, string Value)[] settings) => StartAsync(
            new Silo(FreePorts.Next(), FreePorts.Next(), joins is null ? null : new IPEndPoint(IPAddress.Loopback, joins._silo.Port), Clustered: true),
            time: null,
            configure,
            [("Switchboard:FrontDoor:Cluster", "true"), ("Switchboard:Peer:Port", "0"), .. settings]);

    private static async Task<GatewayHost> StartAsync(
        Silo silo, ManualTimeProvider? time, Action<IServiceCollection>? configure, (string Key, string Value)[] settings)
    {
        var data = Directory.CreateTempSubdirectory("switchboard-test-");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Switchboard:Listen:HttpPort"] = "0",
            ["Switchboard:Listen:GrpcPort"] = "0",
            ["Switchboard:Listen:AdminPort"] = "0",
            ["Switchboard:Listen:Hosts:0"] = "*",
            ["Switchboard:FrontDoor:DataFolder"] = data.FullName,
            ["Switchboard:Shutdown:DrainTime"] = "0s",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        var errors = new FakeLogCollector();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new FakeLoggerProvider(errors));
        builder.Logging.AddFilter<FakeLoggerProvider>(null, LogLevel.Error);
        builder.UseOrleans(orleans =>
        {
            orleans
                .UseLocalhostClustering(silo.Port, silo.GatewayPort, silo.Primary)
                .AddMemoryGrainStorage(Names.Storage.Provider)
                .UseInMemoryReminderService()
                .AddSwitchboardGrains();
            orleans.Services.AddMemoryRequestLog();
            if (silo.Clustered)
            {
                // Nobody holds a number yet, so the registry need not wait for those who do.
                orleans.Services.AddSingleton(new StorageTraits(SurvivesProcess: true));
#pragma warning disable ORLEANSEXP003 // As the program has it in a cluster.
                orleans.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
            }
        });
        builder.AddSwitchboardApi();
        builder.Services.AddSwitchboardOptions<GrainOptions>(GrainOptions.SectionName);
        builder.Services.AddSwitchboardOptions<AgentPolicyOptions>(AgentPolicyOptions.SectionName);
        var clock = new GatewayClock(time ?? TimeProvider.System);
        builder.Services.Replace(ServiceDescriptor.Singleton(clock));
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapSwitchboardApi();
        await app.StartAsync().DefaultTimeout();
        return new GatewayHost(app, errors, data, clock, silo);
    }

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A connection of its own.</summary>
    public GrpcChannel NewChannel()
    {
        var channel = GrpcChannel.ForAddress(Service<ListenAddresses>().Grpc, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false, PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
        });
        lock (_channels)
        {
            _channels.Add(channel);
        }

        return channel;
    }

    public AgentGateway.AgentGatewayClient NewClient() => new(NewChannel());

    /// <summary>Begins to stop, as SIGTERM does, and completes when it has stopped.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>
    /// Turns the clock when no write to an agent is under way: one whose other side has it already, and whose loop has not come round yet,
    /// would take longer than it may all at once.
    /// </summary>
    public async Task AdvanceAsync(ManualTimeProvider time, TimeSpan by)
    {
        await Eventually.IsTrueAsync(() => Sessions.All.All(s => s.IsIdle || s.ConnectNumber == 0), () => "a session still writes");
        time.Advance(by);
    }

    /// <summary>
    /// What must hold after every test, whatever happened in it: nothing is pending, no session counts anything as in flight, no byte
    /// of a response is held, and nobody logged an error.
    /// </summary>
    public async Task AssertQuietAsync()
    {
        await Eventually.IsTrueAsync(
            () => Requests.Count == 0 && IsQuiet(),
            () => $"pending {Requests.Count}, in flight {Sessions.All.Sum(s => s.InFlight)}, held {Limits.Bytes.Charged} and {Limits.Bytes.Acquired}, wheel {Service<TimerWheel>().Count}");
        var errors = _errors.GetSnapshot().Where(r => !IsFrameworksOwnRace(r)).Select(r => $"{r.Category}: {r.Message} {r.Exception}").ToList();
        Assert.True(errors.Count == 0, string.Join("\n", errors));
    }

    // A caller that goes while its request is still being read: logged as an error where the reset is seen before the cancellation.
    private static bool IsFrameworksOwnRace(FakeLogRecord record) =>
        record.Exception is IOException && record.Category?.StartsWith("Grpc.", StringComparison.Ordinal) == true;

    private bool IsQuiet()
    {
        var limits = Limits;
        return Sessions.All.All(s => s.InFlight == 0) && Limits.Bytes.Charged == 0 && limits.Bytes.Acquired == 0 && limits.Callers == 0
            && Service<ConnectWaiters>().Count == 0 && Service<DurableWaits>().Count == 0 && Service<TimerWheel>().Count == 0;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_channels)
        {
            _channels.ForEach(c => c.Dispose());
        }

        await _app.StopAsync().DefaultTimeout();
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private sealed record Silo(int Port, int GatewayPort, IPEndPoint? Primary, bool Clustered);
}
