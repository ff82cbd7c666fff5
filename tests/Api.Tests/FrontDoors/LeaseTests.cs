using System.Reflection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Storage;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Time;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.FrontDoors;

/// <summary>What a front door makes of the registry's replies. The registry is the test's, and so is the time.</summary>
public sealed class LeaseTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan _renewEvery = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();
    private readonly Sleeping _sleeping;
    private readonly Registry _registry = new();
    private readonly Part _part = new();
    private readonly FrontDoor _frontDoor;
    private readonly Drain _drain;
    private readonly FrontDoorService _service;

    public LeaseTests()
    {
        _sleeping = new Sleeping(_time);
        var clock = new GatewayClock(_sleeping);
        var options = Options.Create(new FrontDoorOptions { Cluster = true, Observers = 1 });
        _drain = new Drain(new Lifetime(), Options.Create(new ShutdownOptions()), _sleeping);
        _frontDoor = new FrontDoor(clock, _drain, options);
        var grains = DispatchProxy.Create<IGrainFactory, Grains>();
        ((Grains)grains).Registry = _registry;
        _service = new FrontDoorService(
            _frontDoor, [_part], static () => DispatchProxy.Create<IFrontDoorObserver, Grains>(), grains, new Alone(), new Nowhere(), options, clock,
            NullLogger<FrontDoorService>.Instance);
    }

    public async Task InitializeAsync()
    {
        await _service.StartAsync(CancellationToken.None);
        await _time.WhenTimerIsSetAsync(_renewEvery);
    }

    public async Task DisposeAsync()
    {
        await _service.StopAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        _service.Dispose();
        _drain.Dispose();
    }

    /// <summary>A process that stood still for longer than its fence serves nobody from its first moment, before any timer has run.</summary>
    [Fact]
    public void A_process_that_stood_still_serves_nobody_when_it_wakes()
    {
        var clock = new GatewayClock(_time);
        var woken = new FrontDoor(clock, _drain, Options.Create(new FrontDoorOptions { Cluster = true }));
        woken.Adopt(3);
        Assert.True(woken.Serves);
        woken.ServeUntil(clock.Now + TimeSpan.FromSeconds(75));
        Assert.True(woken.Serves);
        _time.Advance(TimeSpan.FromSeconds(75));
        Assert.False(woken.Serves);
        woken.ServeUntil(clock.Now + TimeSpan.FromSeconds(75));
        Assert.True(woken.Serves);
    }

    /// <summary>Its sessions end before it asks for its number again, which a registry that stood still with it would renew.</summary>
    [Fact]
    public async Task Its_sessions_end_before_it_renews()
    {
        Assert.True(_frontDoor.Ready);
        var fencedBefore = 0;
        _registry.OnLease = () => fencedBefore = _part.Fenced;
        _sleeping.Sleep(TimeSpan.FromSeconds(76));
        Assert.False(_frontDoor.Serves);
        await RenewAsync();
        Assert.Equal((1, 1), (fencedBefore, _part.Fenced));
        Assert.True(_frontDoor is { Ready: true, Serves: true });
    }

    /// <summary>Declared dead: its sessions end at once, and it is not ready, however often it is told.</summary>
    [Fact]
    public async Task One_that_was_declared_dead_ends_its_sessions_at_once()
    {
        _registry.SiloIsDead = true;
        var calls = _registry.Calls;
        await RenewAsync();
        Assert.Equal(calls + 2, _registry.Calls);
        Assert.Equal(1, _part.Fenced);
        Assert.False(_frontDoor.Ready || _frontDoor.Serves);
    }

    /// <summary>A registry whose storage is away is there itself; one that lost a conflict is not the registry any more.</summary>
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_registry_that_lost_a_conflict_renews_nothing(bool conflict, int fenced)
    {
        _registry.Failure = conflict ? new InconsistentStateException("another has written") : new IOException("the storage is away");
        for (var second = 0; second < 90; second += 10)
        {
            await RenewAsync();
        }

        Assert.Equal(fenced, _part.Fenced);
        Assert.Equal(fenced == 0, _frontDoor.Serves);
    }

    /// <summary>Of each front door that is gone the others hear once.</summary>
    [Fact]
    public async Task Who_is_gone_is_told_once()
    {
        _registry.Gone = [9];
        await RenewAsync();
        await RenewAsync();
        _registry.Gone = [9, 12];
        await RenewAsync();
        _registry.Gone = [];
        await RenewAsync();
        Assert.Equal([(ushort)9, (ushort)12], _part.Gone);
        Assert.Equal(0, _part.Fenced);
    }

    // Twice: what it made of the first reply is done before it asks again.
    private async Task RenewAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            var calls = _registry.Calls;
            _time.Advance(_renewEvery);
            await Eventually.IsTrueAsync(() => _registry.Calls > calls, () => "it did not renew");
        }
    }

    /// <summary>A clock that goes on while no timer runs, as for a process that is stopped.</summary>
    private sealed class Sleeping(ManualTimeProvider inner) : TimeProvider
    {
        private long _slept;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public void Sleep(TimeSpan time) => _slept += (long)(time.TotalSeconds * TimestampFrequency);

        public override long GetTimestamp() => inner.GetTimestamp() + _slept;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class Registry : IFrontDoorRegistryGrain
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public Exception? Failure { get; set; }

        public bool SiloIsDead { get; set; }

        public ushort[] Gone { get; set; } = [];

        public Action OnLease { get; set; } = static () => { };

        public Task<FrontDoorLeased> Lease(FrontDoorLease lease)
        {
            Interlocked.Increment(ref _calls);
            OnLease();
            return Failure is { } failure
                ? Task.FromException<FrontDoorLeased>(failure)
                : Task.FromResult(new FrontDoorLeased
                {
                    Number = SiloIsDead ? (ushort)0 : (ushort)7,
                    Duration = TimeSpan.FromSeconds(20),
                    FrontDoors = 2,
                    Gone = Gone,
                    SiloIsDead = SiloIsDead,
                });
        }

        public Task Release(ushort number, Guid holder) => Task.CompletedTask;

        public Task<IReadOnlyList<FrontDoorLease>> List() => throw new NotSupportedException();

        public Task<FrontDoorLease?> Find(ushort number) => throw new NotSupportedException();
    }

    private sealed class Part : IFrontDoorParticipant
    {
        private readonly List<ushort> _gone = [];

        public int Fenced { get; private set; }

        public IReadOnlyList<ushort> Gone => _gone;

        public void OnFenced() => Fenced++;

        public void OnOthersGone(IReadOnlyCollection<ushort> numbers) => _gone.AddRange(numbers);
    }

    /// <summary>One registry, and references that are the objects themselves.</summary>
    public class Grains : DispatchProxy
    {
        internal IFrontDoorRegistryGrain? Registry { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(IGrainFactory.GetGrain) ? Registry : args![0];
    }

    private sealed class Alone : IPeerEndpoint
    {
        public string Address => "";

        public string Certificate => "";

        public int Protocol => 1;

        public int ProtocolLeast => 1;
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication()
        {
        }
    }

    private sealed class Nowhere : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "";

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
