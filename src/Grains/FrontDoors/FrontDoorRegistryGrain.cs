using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Presence;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Grains.FrontDoors;

/// <summary>
/// The registry: a shell around <see cref="LeaseBook"/> that writes a number down before it gives it out, and tells the index of front doors
/// whose leases have lapsed, or whose silos were declared dead.
/// </summary>
[GrainType(Names.GrainTypes.FrontDoorRegistry)]
internal sealed partial class FrontDoorRegistryGrain(
    [PersistentState(Names.Storage.FrontDoors, Names.Storage.Provider)] IPersistentState<FrontDoorRegistryState> state,
    IOptions<GrainOptions> options,
    StorageTraits storage,
    IClusterMembershipService membership,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
    ILogger<FrontDoorRegistryGrain> logger) : Grain, IFrontDoorRegistryGrain
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(5);

    // The silo reads the membership itself; this only looks whether it has changed.
    private static readonly TimeSpan _lookForDeathsEvery = TimeSpan.FromMilliseconds(500);

    private readonly GrainClock _clock = new(time);
    private readonly ILogger<FrontDoorRegistryGrain> _logger = logger;

    // Lapsed, and the index has not acknowledged it yet. No more than there are numbers.
    private readonly HashSet<ushort> _untold = [];
    private readonly HashSet<ushort> _telling = [];

    // What holds; state.State is what is written down of it.
    private FrontDoorRegistryState _live = new();
    private Task _writing = Task.CompletedTask;
    private LeaseBook _book = new(new FrontDoorRegistryState(), options.Value.RegistryLease, TimeSpan.Zero, default);
    private TimeSpan _drawsFrom;
    private TimeSpan _lookedAt;
    private MembershipVersion _membership = MembershipVersion.MinValue;
    private bool _renewed;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _live = state.State.Copy();
        _book = new LeaseBook(_live, options.Value.RegistryLease, _clock.Now, _clock.UtcNow);
        // What is not kept may have been lost with numbers in use: their holders ask for them again within a lease.
        _drawsFrom = state.RecordExists || storage.SurvivesProcess ? TimeSpan.Zero : _clock.Now + options.Value.RegistryLease;
        _lookedAt = _clock.Now;
        // A predecessor may have died together with front doors that it had leased numbers to.
        Lapse();
        // Interleaved: leases are renewed while the storage, or the silo of the index, takes its time.
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions { DueTime = _lookEvery, Period = _lookEvery, Interleave = true });
        this.RegisterGrainTimer(
            LookForDeathsAsync, new GrainTimerCreationOptions { DueTime = _lookForDeathsEvery, Period = _lookForDeathsEvery, Interleave = true });
        return Task.CompletedTask;
    }

    public async Task<FrontDoorLeased> Lease(FrontDoorLease lease)
    {
        ArgumentOutOfRangeException.ThrowIfZero(lease.Observers.Count, "lease.Observers");
        Lapse();
        if (lease.Silo is { } silo && IsDead(silo))
        {
            // Its process hung, was declared dead, and woke: its sessions are served elsewhere by now.
            Log.RefusedDead(_logger, lease.Number, lease.Name, silo);
            return Reply(number: 0, siloIsDead: true);
        }

        var before = _book.HeldBy(lease.Holder);
        ushort number = 0;
        if (lease.Number != 0 || before is not null || _clock.Now >= _drawsFrom)
        {
            number = await LeaseAsync(lease, before);
        }

        return Reply(number);
    }

    public async Task Release(ushort number, Guid holder)
    {
        Lapse();
        if (!_book.Release(number, holder, _clock.Now, _clock.UtcNow))
        {
            return;
        }

        _untold.Add(number);
        Log.Released(_logger, number);
        await WriteAsync();
    }

    public Task<IReadOnlyList<FrontDoorLease>> List()
    {
        Lapse();
        return Task.FromResult<IReadOnlyList<FrontDoorLease>>(_live.Leases.Values.ToArray());
    }

    public Task<FrontDoorLease?> Find(ushort number)
    {
        Lapse();
        return Task.FromResult(_live.Leases.GetValueOrDefault(number));
    }

    private FrontDoorLeased Reply(ushort number, bool siloIsDead = false) => new()
    {
        Number = number,
        Duration = options.Value.RegistryLease,
        FrontDoors = _live.Leases.Count,
        Gone = _book.Gone(_clock.UtcNow),
        SiloIsDead = siloIsDead,
        Sessions = _live.Leases.Values.Sum(static l => (long)l.Sessions),
        Unchanged = _clock.Now - _book.ChangedAt,
    };

    private async Task<ushort> LeaseAsync(FrontDoorLease lease, FrontDoorLease? before)
    {
        var number = _book.Lease(lease, _clock.Now, _clock.UtcNow, out var changed);
        if (number == 0)
        {
            Log.Refused(_logger, lease.Number, lease.Name);
            return 0;
        }

        _renewed = true;
        if (!changed)
        {
            return number;
        }

        try
        {
            await WriteAsync();
        }
        catch
        {
            // What could not be written is not told. The others' leases stay: that the storage is away is no reason to forget them.
            _book.Undo(number, before);
            throw;
        }

        _untold.Remove(number);
        Log.Leased(_logger, number, lease.Name);
        return number;
    }

    private void Lapse()
    {
        Bury();
        // The process stood still (SIGSTOP, a machine that slept): the timer did not run, and nobody could renew. All of them would lapse,
        // with the front doors of a cluster that had long been given another registry.
        if (_clock.Now - _lookedAt > LeaseBook.LeastAfterStart + _lookEvery)
        {
            _lookedAt = _clock.Now;
            _book.Resume(_clock.Now);
        }

        foreach (var lease in _book.Lapse(_clock.Now, _clock.UtcNow))
        {
            _untold.Add(lease.Number);
            Log.Lapsed(_logger, lease.Number, lease.Name);
        }
    }

    // What it has looked at already it need not look at again.
    private void Bury()
    {
        var snapshot = membership.CurrentSnapshot;
        if (snapshot.Version == _membership)
        {
            return;
        }

        _membership = snapshot.Version;
        foreach (var lease in _book.Bury(silo => snapshot.GetSiloStatus(silo) == SiloStatus.Dead, _clock.Now, _clock.UtcNow))
        {
            _untold.Add(lease.Number);
            Log.Buried(_logger, lease.Number, lease.Name, lease.Silo!);
        }
    }

    private bool IsDead(SiloAddress silo) => membership.CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Dead;

    private Task LookForDeathsAsync(CancellationToken cancellationToken)
    {
        if (membership.CurrentSnapshot.Version != _membership)
        {
            Bury();
            TellIndex();
        }

        return Task.CompletedTask;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        Lapse();
        _lookedAt = _clock.Now;
        TellIndex();
        await WriteRenewalsAsync();
    }

    private void TellIndex()
    {
        foreach (var number in _untold.Where(_telling.Add).ToArray())
        {
            _ = TellIndexAsync(number);
        }
    }

    private async Task TellIndexAsync(ushort number)
    {
        // Where this is lost, the sweeper finds the number free within a minute.
        GrainFactory.GetGrain<IDurableSweeperGrain>(IDurableSweeperGrain.Key).Sweep().Ignore();
        try
        {
            await GrainFactory.GetGrain<IAgentIndexGrain>(IAgentIndexGrain.FirstShard).FrontDoorGone(number);
            _untold.Remove(number);
        }
        catch (Exception e)
        {
            // It is told with the next look.
            Log.IndexUntold(_logger, number, e);
        }
        finally
        {
            _telling.Remove(number);
        }
    }

    // So that a registry that comes up elsewhere knows how long each lease has left.
    private async Task WriteRenewalsAsync()
    {
        if (!_renewed || !storage.SurvivesProcess)
        {
            return;
        }

        _renewed = false;
        try
        {
            await WriteAsync();
        }
        catch (Exception e)
        {
            _renewed = true;
            Log.NotWritten(_logger, e);
        }
    }

    // One write at a time: a second one would name the version that the first one replaces.
    private async Task WriteAsync()
    {
        while (!_writing.IsCompleted)
        {
            await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await (_writing = WriteNowAsync());
    }

    private async Task WriteNowAsync()
    {
        state.State = _live.Copy();
        try
        {
            await state.WriteStateAsync();
        }
        catch (InconsistentStateException)
        {
            // Another activation has written: the next one reads what holds.
            DeactivateOnIdle();
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.FrontDoorLeased, LogLevel.Debug, "Front door {Number} is {Name}.")]
        public static partial void Leased(ILogger logger, ushort number, string name);

        [LoggerMessage(EventIds.FrontDoorRefused, LogLevel.Warning, "Front-door number {Number} refused to {Name}: somebody else holds it, or held it lately.")]
        public static partial void Refused(ILogger logger, ushort number, string name);

        [LoggerMessage(EventIds.FrontDoorLapsed, LogLevel.Warning, "Front door {Number} ({Name}) has not renewed its number, which lapses.")]
        public static partial void Lapsed(ILogger logger, ushort number, string name);

        [LoggerMessage(EventIds.FrontDoorBuried, LogLevel.Warning, "Front door {Number} ({Name}) is gone: its silo {Silo} was declared dead.")]
        public static partial void Buried(ILogger logger, ushort number, string name, SiloAddress silo);

        [LoggerMessage(EventIds.FrontDoorRefusedDead, LogLevel.Warning,
            "Front-door number {Number} refused to {Name}: its silo {Silo} was declared dead.")]
        public static partial void RefusedDead(ILogger logger, ushort number, string name, SiloAddress silo);

        [LoggerMessage(EventIds.FrontDoorReleased, LogLevel.Debug, "Front door {Number} has given its number back.")]
        public static partial void Released(ILogger logger, ushort number);

        [LoggerMessage(EventIds.FrontDoorIndexUntold, LogLevel.Debug, "The index could not be told that front door {Number} is gone; it is told again.")]
        public static partial void IndexUntold(ILogger logger, ushort number, Exception exception);

        [LoggerMessage(EventIds.FrontDoorRenewalsNotWritten, LogLevel.Warning, "Renewals of front doors could not be written down; they hold all the same.")]
        public static partial void NotWritten(ILogger logger, Exception exception);
    }
}
