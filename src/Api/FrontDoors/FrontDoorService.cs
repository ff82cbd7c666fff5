using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Orleans.Storage;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;

namespace Switchboard.Api.FrontDoors;

/// <summary>Obtains the number and the observers of this front door, renews the lease, and releases the number at the end.</summary>
internal sealed partial class FrontDoorService(
    FrontDoor frontDoor,
    IEnumerable<IFrontDoorParticipant> participants,
    Func<IFrontDoorObserver> createObserver,
    IGrainFactory grains,
    IPeerEndpoint peers,
    IHostEnvironment environment,
    IOptions<FrontDoorOptions> options,
    GatewayClock clock,
    ILogger<FrontDoorService> logger,
    ILocalSiloDetails? silo = null) : BackgroundService, IHostedLifecycleService
{
    private const int NumbersTried = 8;
    private static readonly TimeSpan _renewEvery = TimeSpan.FromSeconds(5);
    private TimeSpan _duration;
    private TimeSpan _renewedAt;
    private TimeSpan _leasedUntil;
    private string _reportedAddress = "";

    // As many as there are in a minute; a number rests for an hour before it is somebody's again.
    private HashSet<ushort> _gone = [];

    /// <summary>
    /// Obtains the number. The silo, or the client, has been started before this; Kestrel starts after it. So a number is held before the
    /// first connection, unless the registry does not reply: then the start goes on, and callers are asked to retry.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        CreateObservers();
        await RenewAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Runs when everything has started. A silo that was added after the front door is up only now; and a port that the system chose for other front
    /// doors is known only now.
    /// </summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!frontDoor.Ready || peers.Address != _reportedAddress)
        {
            await RenewAsync(cancellationToken);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Task.WhenAll(participants.Select(static p => p.WhenReportedAsync())).BoundAsync(clock.Time, cancellationToken: cancellationToken);
            if (frontDoor.Number != 0)
            {
                await Registry.Release(frontDoor.Number, frontDoor.Holder).BoundAsync(clock.Time, cancellationToken: cancellationToken);
            }
        }
        catch (Exception e)
        {
            // The lease lapses by itself.
            Log.NotReleased(logger, frontDoor.Number, e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_renewEvery, clock.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RenewAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private IFrontDoorRegistryGrain Registry => grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);

    private void CreateObservers()
    {
        var count = options.Value.Observers == 0 ? Environment.ProcessorCount : options.Value.Observers;
        List<IFrontDoorObserver> observers = [];
        for (var i = 0; i < count; i++)
        {
            observers.Add(createObserver());
        }

        frontDoor.Open(observers, [.. observers.Select(observer => grains.CreateObjectReference<IFrontDoorObserver>(observer))]);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        // First: a process that stood still may have the registry itself, which knows as little, renew its number.
        LookAtLease();
        try
        {
            var before = frontDoor.Number;
            for (var tried = 0; tried < NumbersTried; tried++)
            {
                // A number that was refused is held by another front door: it is not requested again.
                var wanted = tried == 0 && before != 0 ? before : Draw();
                var leased = await LeaseAsync(wanted, cancellationToken);
                if (leased.SiloIsDead)
                {
                    EndAsDead();
                    return;
                }

                if (leased.Number != 0)
                {
                    Hold(before, leased.Number);
                    Tell(leased);
                    return;
                }

                Log.NumberRefused(logger, wanted);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.LeaseFailed(logger, e);
            if (frontDoor.Ready && !GrainCalls.MeansUnavailable(e) && e is not InconsistentStateException)
            {
                // The registry answered, and could not read or write: the storage is away. It is there itself, and lets nobody lapse.
                // Not if it lost a conflict: then another one is the registry, and has not been asked.
                Renewed(clock.Now);
            }
        }

        LookAtLease();
    }

    // Alone, the number is the start counter's, and no lease can take it away.
    private void LookAtLease()
    {
        if (clock.Now > _leasedUntil && (options.Value.Cluster || frontDoor.Number == 0))
        {
            frontDoor.Lapse();
        }

        if (options.Value.Cluster && frontDoor.Number != 0 && clock.Now > _renewedAt + options.Value.FenceAfter && frontDoor.Fence())
        {
            Log.Fenced(logger, frontDoor.Number, options.Value.FenceAfter);
            EndSessions();
        }
    }

    // The process stood still, or nobody could reach it, and it was declared dead. Orleans ends it when it hears of that; until then it is
    // asked again, and refused again.
    private void EndAsDead()
    {
        if (frontDoor.Fence())
        {
            Log.DeclaredDead(logger, frontDoor.Number);
            EndSessions();
        }
    }

    private void EndSessions()
    {
        foreach (var participant in participants)
        {
            participant.OnFenced();
        }
    }

    private void Renewed(TimeSpan at)
    {
        (_renewedAt, _leasedUntil) = (at, at + _duration);
        if (options.Value.Cluster)
        {
            frontDoor.ServeUntil(at + options.Value.FenceAfter);
        }
    }

    private async Task<FrontDoorLeased> LeaseAsync(ushort wanted, CancellationToken cancellationToken)
    {
        var lease = new FrontDoorLease
        {
            Number = wanted,
            Holder = frontDoor.Holder,
            Observers = [.. frontDoor.Observers],
            Name = $"{Environment.MachineName}/{Environment.ProcessId}",
            PeerAddress = peers.Address,
            PeerCertificate = peers.Certificate,
            PeerProtocol = peers.Protocol,
            PeerProtocolLeast = peers.ProtocolLeast,
            Sessions = participants.Sum(static participant => participant.Sessions),
            Silo = silo?.SiloAddress,
        };
        var asked = clock.Now;
        var leased = await Registry.Lease(lease).BoundAsync(clock.Time, cancellationToken: cancellationToken);
        if (leased.Number != 0)
        {
            _reportedAddress = lease.PeerAddress;
            _duration = leased.Duration;
            Renewed(asked);
            frontDoor.HasOthers = leased.FrontDoors > 1;
        }

        return leased;
    }

    private void Tell(FrontDoorLeased leased)
    {
        var news = leased.Gone.Where(number => !_gone.Contains(number)).ToArray();
        _gone = [.. leased.Gone];
        var cluster = new ClusterSessions(leased.Sessions, leased.FrontDoors, leased.Unchanged);
        foreach (var participant in participants)
        {
            if (news.Length > 0)
            {
                participant.OnOthersGone(news);
            }

            participant.OnRenewed(cluster);
        }
    }

    private void Hold(ushort before, ushort number)
    {
        frontDoor.Adopt(number);
        if (before == number)
        {
            return;
        }

        if (before == 0)
        {
            Log.NumberHeld(logger, number, frontDoor.ObserverCount);
        }
        else
        {
            Log.NumberChanged(logger, number, before);
        }

        foreach (var participant in participants)
        {
            participant.OnNumberChanged();
        }
    }

    private ushort Draw()
    {
        if (options.Value.Cluster)
        {
            return 0;
        }

        if (options.Value.DataFolder.Length == 0)
        {
            Log.RandomNumber(logger, "no data folder is set");
            return Random();
        }
        try
        {
            return StartCounter.NumberOf(StartCounter.CountOne(Path.Combine(environment.ContentRootPath, options.Value.DataFolder)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.RandomNumber(logger, e.Message);
            return Random();
        }
    }

    private static ushort Random() => (ushort)RandomNumberGenerator.GetInt32(1, 65_536);

    private static partial class Log
    {
        [LoggerMessage(EventIds.FrontDoorNumberHeld, LogLevel.Debug, "This is front door {Number}, with {Observers} observers.")]
        public static partial void NumberHeld(ILogger logger, ushort number, int observers);

        [LoggerMessage(EventIds.FrontDoorNumberChanged, LogLevel.Information, "This is front door {Number} now; it was {Before}.")]
        public static partial void NumberChanged(ILogger logger, ushort number, ushort before);

        [LoggerMessage(
            EventIds.FrontDoorRandomNumber, LogLevel.Warning,
            "The front-door number is random, as {Why}: a restart may, once in 65,535 times, repeat the ids of the run before it.")]
        public static partial void RandomNumber(ILogger logger, string why);

        [LoggerMessage(EventIds.FrontDoorNumberRefused, LogLevel.Warning, "Front-door number {Number} belongs to somebody else.")]
        public static partial void NumberRefused(ILogger logger, ushort number);

        [LoggerMessage(EventIds.FrontDoorLeaseFailed, LogLevel.Warning, "The registry of front doors did not answer; it is asked again.")]
        public static partial void LeaseFailed(ILogger logger, Exception exception);

        [LoggerMessage(
            EventIds.FrontDoorFenced, LogLevel.Error,
            "Front door {Number} could not renew its number for {Time}: the others serve its agents by now, so its sessions end.")]
        public static partial void Fenced(ILogger logger, ushort number, TimeSpan time);

        [LoggerMessage(
            EventIds.FrontDoorDeclaredDead, LogLevel.Error,
            "The silo of front door {Number} was declared dead: the others serve its agents, so its sessions end.")]
        public static partial void DeclaredDead(ILogger logger, ushort number);

        [LoggerMessage(EventIds.FrontDoorNotReleased, LogLevel.Information, "Front-door number {Number} was not given back and will lapse.")]
        public static partial void NotReleased(ILogger logger, ushort number, Exception exception);
    }
}
