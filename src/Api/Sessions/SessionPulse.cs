using Switchboard.Api.Requests;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Two loops over all sessions, so that none has a timer of its own. One looks every second for heartbeats that are due and writes that
/// hang; the other announces. They are apart because a grain that is slow to answer must not delay a heartbeat.
/// </summary>
internal sealed partial class SessionPulse(
    SessionRegistry registry, SessionCalls calls, SessionLog log, GatewayClock clock, ILogger<SessionPulse> logger) : BackgroundService
{
    private const int AnnouncementsAtOnce = 16;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(EverySecondAsync(Look, stoppingToken), EverySecondAsync(AnnounceDueAsync, stoppingToken));

    private async Task EverySecondAsync(Func<CancellationToken, Task> look, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock.Time);
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
                    // One session's fault must not end the others' heartbeats.
                    Log.PulseFailed(logger, e);
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
        TimeSpan now = clock.Now;
        foreach (AgentSession session in registry.Streams)
            session.Pulse(now);
        log.WriteDue();
        return Task.CompletedTask;
    }

    private Task AnnounceDueAsync(CancellationToken stoppingToken)
    {
        TimeSpan now = clock.Now;
        var options = new ParallelOptions { MaxDegreeOfParallelism = AnnouncementsAtOnce, CancellationToken = stoppingToken };
        return Parallel.ForEachAsync(
            registry.All.Where(s => s.AnnounceAt <= now && s.ConnectNumber != 0), options,
            async (session, _) => await calls.AnnounceAsync(session));
    }
}
