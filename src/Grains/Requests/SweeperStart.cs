using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Grains.Requests;

/// <summary>Starts the sweeper of durable requests once the silo runs, and again until it has started.</summary>
internal sealed partial class SweeperStart(
    IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SweeperStart> logger) : BackgroundService
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), started);
        await started.Task.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await grains.GetGrain<IDurableSweeperGrain>(IDurableSweeperGrain.Key).Start();
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotStarted(logger, e);
            }

            await Task.Delay(_pause, time, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SweeperNotStarted, LogLevel.Warning, "The sweeper of durable requests could not be started yet; tried again soon.")]
        public static partial void NotStarted(ILogger logger, Exception exception);
    }
}
