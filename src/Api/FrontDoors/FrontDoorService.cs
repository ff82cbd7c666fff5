using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;

namespace Switchboard.Api.FrontDoors;

/// <summary>Gets this front door its number and lanes, keeps the lease, and gives the number back at the end.</summary>
internal sealed partial class FrontDoorService(
    FrontDoor frontDoor,
    SessionRegistry sessions,
    SessionCalls calls,
    IServiceProvider services,
    IGrainFactory grains,
    IHostEnvironment environment,
    IOptions<FrontDoorOptions> options,
    GatewayClock clock,
    ILogger<FrontDoorService> logger) : BackgroundService, IHostedLifecycleService
{
    private const int NumbersTried = 8;
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    private TimeSpan _leasedUntil;

    /// <summary>
    /// The silo, or the client, has been started before this; Kestrel comes after it. So a number is held before the first connection,
    /// unless the registry does not answer: then the start goes on, and callers are told to come again.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        OpenLanes();
        await RenewAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Everything has started. A silo that was added after the front door is up only now.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!frontDoor.Ready)
            await RenewAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await calls.WhenFarewellsAreSaidAsync().WaitAsync(CallLimit, clock.Time, cancellationToken);
            if (frontDoor.Number != 0)
                await Registry.Release(frontDoor.Number, frontDoor.Holder).WaitAsync(CallLimit, clock.Time, cancellationToken);
        }
        catch (Exception e)
        {
            // The lease lapses by itself.
            Log.NotReleased(logger, frontDoor.Number, e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RenewEvery, clock.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RenewAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private IFrontDoorRegistryGrain Registry => grains.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);

    private void OpenLanes()
    {
        int count = options.Value.Lanes == 0 ? Environment.ProcessorCount : options.Value.Lanes;
        List<FrontDoorLane> lanes = [];
        for (int i = 0; i < count; i++)
            lanes.Add(ActivatorUtilities.CreateInstance<FrontDoorLane>(services));
        frontDoor.Open(lanes, [.. lanes.Select(lane => grains.CreateObjectReference<IFrontDoorLane>(lane))]);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            ushort before = frontDoor.Number;
            for (int tried = 0; tried < NumbersTried; tried++)
            {
                // A number that was refused belongs to somebody else: not to be asked for again.
                ushort wanted = tried == 0 && before != 0 ? before : Draw();
                if (await LeaseAsync(wanted, cancellationToken) is { } number)
                {
                    Hold(before, number);
                    return;
                }
                Log.NumberRefused(logger, wanted);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.LeaseFailed(logger, e);
        }
        // Alone, the number is the start counter's, and no lease can take it away.
        if (clock.Now > _leasedUntil && (options.Value.Cluster || frontDoor.Number == 0))
            frontDoor.Lapse();
    }

    private async Task<ushort?> LeaseAsync(ushort wanted, CancellationToken cancellationToken)
    {
        var lease = new FrontDoorLease
        {
            Number = wanted,
            Holder = frontDoor.Holder,
            Lanes = [.. frontDoor.Lanes],
            Name = $"{Environment.MachineName}/{Environment.ProcessId}",
        };
        TimeSpan asked = clock.Now;
        FrontDoorLeased leased = await Registry.Lease(lease).WaitAsync(CallLimit, clock.Time, cancellationToken);
        if (leased.Number == 0)
            return null;
        _leasedUntil = asked + leased.Duration;
        frontDoor.HasOthers = leased.FrontDoors > 1;
        return leased.Number;
    }

    private void Hold(ushort before, ushort number)
    {
        frontDoor.Adopt(number);
        if (before == number)
            return;
        if (before == 0)
            Log.NumberHeld(logger, number, frontDoor.LaneCount);
        else
            Log.NumberChanged(logger, number, before);
        // Sessions were connected under the old number: under the new one they are announced at once.
        foreach (AgentSession session in sessions.All)
            session.AnnounceAt = TimeSpan.Zero;
    }

    private ushort Draw()
    {
        if (options.Value.Cluster)
            return 0;
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
}
