using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Time;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Runs two loops over all sessions, so that none has a timer of its own. One checks every second for due heartbeats and writes that hang;
/// the other announces. They are separate because a grain that replies slowly must not delay a heartbeat.
/// </summary>
internal sealed partial class SessionHeartbeats(
    SessionRegistry registry, SessionAnnouncer calls, SessionLog log, GatewayClock clock, ILogger<SessionHeartbeats> logger) : BackgroundService
{
    private const int AnnouncementsAtOnce = 16;
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(EverySecondAsync(Look, stoppingToken), EverySecondAsync(AnnounceDueAsync, stoppingToken));

    private async Task EverySecondAsync(Func<CancellationToken, Task> look, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, clock.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await look(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    // A fault of one session must not end the others' heartbeats.
                    Log.LookFailed(logger, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private Task Look(CancellationToken stoppingToken)
    {
        var now = clock.Now;
        foreach (var session in registry.Streams)
        {
            session.Pulse(now);
        }

        log.WriteDue();
        return Task.CompletedTask;
    }

    private Task AnnounceDueAsync(CancellationToken stoppingToken)
    {
        var now = clock.Now;
        var options = new ParallelOptions { MaxDegreeOfParallelism = AnnouncementsAtOnce, CancellationToken = stoppingToken };
        return Parallel.ForEachAsync(
            registry.All.Where(s => s.AnnounceAt <= now && s.ConnectNumber != 0), options,
            async (session, _) => await calls.AnnounceAsync(session));
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionHeartbeatsFailed, LogLevel.Error, "A look over the sessions failed.")]
        public static partial void LookFailed(ILogger logger, Exception exception);
    }
}
