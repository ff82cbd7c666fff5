using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Routing;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Requests;

/// <summary>
/// Says again to the grains of all agents that callers wait for that this front door wants to hear of their connects: a grain forgets it
/// with its activation.
/// </summary>
internal sealed partial class ConnectWatch(
    ConnectWaiters waiters, AgentRoutes<AgentSession> routes, IFrontDoor frontDoor, GatewayClock clock, ILogger<ConnectWatch> logger) : BackgroundService
{
    private const int AtOnce = 64;
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!frontDoor.IsClustered)
        {
            return;
        }

        using var timer = new PeriodicTimer(_every, clock.Time);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken };
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await Parallel.ForEachAsync(waiters.Agents(), options, async (agent, _) => await WatchAsync(agent));
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private async Task WatchAsync(AgentKey agent)
    {
        try
        {
            await routes.WatchAsync(agent).BoundAsync(clock.Time);
        }
        catch (Exception e)
        {
            // It is said again with the next round.
            Log.WatchFailed(logger, agent, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ConnectWatchFailed, LogLevel.Debug, "The grain of agent {Agent} could not be told that callers wait for it here.")]
        public static partial void WatchFailed(ILogger logger, AgentKey agent, Exception exception);
    }
}
