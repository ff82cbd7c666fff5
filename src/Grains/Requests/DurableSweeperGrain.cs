using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Ids;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Looks through the log of durable requests each 15 s, in turns that are bounded: what one does not come to, the next one does. Its reminder
/// survives every process, so that a living cluster recovers what a dead one took on.
/// </summary>
[GrainType(Names.GrainTypes.DurableSweeper)]
internal sealed partial class DurableSweeperGrain(
    IRequestLog log, EndedRequests ended, [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time, ILogger<DurableSweeperGrain> logger)
    : Grain, IDurableSweeperGrain, IRemindable
{
    /// <summary>The maximum number of requests or agents of one step.</summary>
    private const int Batch = 64;

    /// <summary>The maximum number of agents that are asked to deliver in one sweep.</summary>
    private const int AgentsPerSweep = 256;

    /// <summary>The maximum number of requests whose grains are told to end them in one sweep.</summary>
    private const int DuePerSweep = 4096;

    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(50);

    /// <summary>The period while it is active; the reminder, whose shortest period is a minute, makes it so again.</summary>
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(15);

    private readonly GrainClock _clock = new(time);
    private readonly ILogger<DurableSweeperGrain> _logger = logger;
    private IGrainTimer? _timer;
    private string _lastAgent = "";

    public async Task Start()
    {
        await this.RegisterOrUpdateReminder(Names.Reminders.Sweep, IDurableSweeperGrain.Period, IDurableSweeperGrain.Period);
        await Sweep();
    }

    // Not in this turn: whoever asks does not wait for it, and several who ask at once get one sweep.
    public Task Sweep()
    {
        Arm(_soon);
        return Task.CompletedTask;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => SweepAsync(CancellationToken.None);

    private void Arm(TimeSpan due)
    {
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(SweepAsync, new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var (until, next) = (_clock.Now + _turn, _every);
        try
        {
            await ReleaseLostAsync(until);
            var all = await ended.ExpireAsync(until);
            await KeepDueAsync(until);
            await DeliverAsync(until);
            all &= await ForgetAsync(until);
            next = all ? _every : _soon;
        }
        catch (Exception e)
        {
            Log.SweepFailed(_logger, e);
        }

        Arm(next);
    }

    private async Task ReleaseLostAsync(TimeSpan until)
    {
        var registry = GrainFactory.GetGrain<IFrontDoorRegistryGrain>(IFrontDoorRegistryGrain.Key);
        foreach (var holder in await log.ReadHoldersAsync(CancellationToken.None))
        {
            if (await _clock.Bound(registry.Find(holder), until - _clock.Now) is not null)
            {
                continue;
            }

            while (_clock.Now < until && await log.ReleaseHolderAsync(holder, Batch, CancellationToken.None) is { Count: > 0 } agents)
            {
                Log.Released(_logger, holder, agents.Count);
                await WakeAsync(agents, until);
            }
        }
    }

    // Those that are told twice arm their timers anew, and no more than that.
    private async Task KeepDueAsync(TimeSpan until)
    {
        var due = await log.ReadDueAsync(2 * IDurableSweeperGrain.Period, DuePerSweep, CancellationToken.None);
        foreach (var some in due.Chunk(Batch).TakeWhile(_ => _clock.Now < until))
        {
            await _clock.Bound(
                Task.WhenAll(some.Select(one => GrainFactory.GetGrain<IRequestGrain>(new RequestId(one.Id).ToString()).Keep(one.Left, survive: true))),
                until - _clock.Now);
        }
    }

    // A word that was lost: an agent is connected and its requests wait. A page of them each time, so that many offline ones cost little.
    private async Task DeliverAsync(TimeSpan until)
    {
        for (var asked = 0; asked < AgentsPerSweep && _clock.Now < until; asked += Batch)
        {
            var agents = await log.ReadWaitingAgentsAsync(_lastAgent, Batch, CancellationToken.None);
            await WakeAsync(agents, until);
            if (agents.Count < Batch)
            {
                _lastAgent = "";
                return;
            }

            _lastAgent = agents[^1];
        }
    }

    private Task WakeAsync(IReadOnlyList<string> agents, TimeSpan until) =>
        _clock.Bound(Task.WhenAll(agents.Select(agent => GrainFactory.GetGrain<IAgentGrain>(agent).Deliver())), until - _clock.Now);

    private async Task<bool> ForgetAsync(TimeSpan until)
    {
        while (await log.ForgetAsync(Batch, CancellationToken.None) == Batch)
        {
            if (_clock.Now >= until)
            {
                return false;
            }
        }

        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SweepFailed, LogLevel.Warning, "Durable requests could not be swept; tried again soon.")]
        public static partial void SweepFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.SweepReleased, LogLevel.Information,
            "Front door {FrontDoor} is gone, and its attempts at durable requests of {Agents} agents are given up.")]
        public static partial void Released(ILogger logger, ushort frontDoor, int agents);
    }
}
