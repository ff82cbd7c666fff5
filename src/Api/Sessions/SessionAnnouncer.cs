using System.Collections.Concurrent;
using System.Security.Cryptography;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Presence;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Reports this front door's sessions to grains. No call is waited for longer than 5 s; calls that must arrive are repeated.
/// </summary>
internal sealed partial class SessionAnnouncer(
    SessionRegistry registry, IFrontDoor frontDoor, IGrainFactory grains, GatewayClock clock, ILogger<SessionAnnouncer> logger)
{
    private const int Tries = 5;

    /// <summary>
    /// How long a new session waits for the index, so that an agent that got its welcome is listed. A timeout has no other effect.
    /// </summary>
    private static readonly TimeSpan _indexLimit = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<AgentSession, Task> _disconnects = new();

    /// <summary>Connects the session at its agent's grain and sets its connect number, or returns why not.</summary>
    public async Task<SessionConnected> ConnectAsync(AgentSession session, CancellationToken cancellationToken)
    {
        var connect = new SessionConnect
        {
            Session = session.Id.Value,
            FrontDoor = frontDoor.Number,
            Observer = frontDoor.Observer(session.Id.Value),
        };
        session.ConnectAsked = true;
        var connected = await Agent(session).Connect(connect).BoundAsync(clock.Time, cancellationToken: cancellationToken);
        if (connected.Result == ConnectResult.Connected)
        {
            session.AnnounceAt = NextAnnouncement();
            session.ConnectNumber = connected.ConnectNumber;
        }

        return connected;
    }

    /// <summary>Reports the session to the index. If that fails, the next announcement repeats it, which comes at once.</summary>
    public async Task ReportOnlineAsync(AgentSession session, CancellationToken cancellationToken)
    {
        try
        {
            await Index.Report(ReportOf(session, online: true)).BoundAsync(clock.Time, _indexLimit, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.IndexUntold(logger, session.Agent, e);
            session.AnnounceAt = TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Announces a session. If it is refused, it ends: a newer one is known, or it was kicked. A failed call means nothing, and the next
    /// announcement follows.
    /// </summary>
    public async Task AnnounceAsync(AgentSession session)
    {
        session.AnnounceAt = NextAnnouncement();
        if (session.Ended is not null || session.ConnectNumber == 0)
        {
            return;
        }

        try
        {
            var announcement = SessionRegistry.Announcement(session, frontDoor.Number, frontDoor.Observer);
            if (await Agent(session).Announce(announcement).BoundAsync(clock.Time) is { } over)
            {
                session.End(SessionEndCauses.CauseOf(over));
                return;
            }
            // It ended while the announcement was under way, which may have arrived after its disconnect: at an activation that does not
            // know of the disconnect (the one that did is lost) it has just become current again.
            if (session.Ended is not null)
            {
                ReportDisconnect(session);
                return;
            }
            // The index is in memory too: after the loss of its activation it is filled by these reports.
            await Index.Report(ReportOf(session, online: true)).BoundAsync(clock.Time);
        }
        catch (Exception e)
        {
            Log.AnnounceFailed(logger, session.Agent, session.Id, e);
        }
    }

    /// <summary>
    /// Ends every session of an agent. Those of this front door have ended when this returns; the agent's grain notifies other front doors,
    /// without waiting for them.
    /// </summary>
    /// <exception cref="TimeoutException">The grain did not reply in time.</exception>
    public async Task KickAsync(AgentKey agent, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IAgentGrain>(agent.ToString());
        var kicked = await GrainCalls.AskAsync(grain.Kick, clock.Time, cancellationToken: cancellationToken);
        foreach (var session in kicked)
        {
            registry.Find(session)?.End(SessionEndCause.Kicked);
        }
    }

    /// <summary>Asks the agent's grain to send it no new requests.</summary>
    /// <returns>False: the call failed, and its outcome is unknown.</returns>
    public async Task<bool> RetireAsync(AgentSession session)
    {
        try
        {
            await Agent(session).Retire(session.Id.Value).BoundAsync(clock.Time);
            return true;
        }
        catch (Exception e)
        {
            // The session itself refuses new requests, so this only saves a detour.
            Log.AnnounceFailed(logger, session.Agent, session.Id, e);
            return false;
        }
    }

    /// <summary>
    /// Reports to the grain and the index that a session has ended. Does not wait. A grain that does not get the report learns it when a
    /// request that it routes here is refused.
    /// </summary>
    public void ReportDisconnect(AgentSession session)
    {
        if (!session.ConnectAsked)
        {
            return;
        }

        var task = SendDisconnectAsync(session);
        if (!task.IsCompleted && _disconnects.TryAdd(session, task))
        {
            _ = task.ContinueWith(
                (_, s) => _disconnects.TryRemove((AgentSession)s!, out var _),
                session, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Completes when all disconnects that were begun are reported, or given up.</summary>
    public Task WhenDisconnectsAreReportedAsync() => Task.WhenAll(_disconnects.Values);

    private IAgentIndexGrain Index => grains.GetGrain<IAgentIndexGrain>(IAgentIndexGrain.FirstShard);

    private IAgentGrain Agent(AgentSession session) => grains.GetGrain<IAgentGrain>(session.Agent.ToString());

    private async Task SendDisconnectAsync(AgentSession session)
    {
        await RepeatAsync(session, static (calls, s) => calls.Agent(s).Disconnect(s.Id.Value));
        // Without a number it was never reported.
        if (session.ConnectNumber != 0)
        {
            await RepeatAsync(session, static (calls, s) => calls.Index.Report(calls.ReportOf(s, online: false)));
        }
    }

    private async Task RepeatAsync(AgentSession session, Func<SessionAnnouncer, AgentSession, Task> call)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                await call(this, session).BoundAsync(clock.Time);
                return;
            }
            catch (Exception e)
            {
                if (tried == Tries)
                {
                    Log.DisconnectReportFailed(logger, session.Agent, session.Id, e);
                    return;
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100 << tried), clock.Time);
        }
    }

    private AgentReport ReportOf(AgentSession session, bool online) => new()
    {
        Tenant = session.Agent.Tenant,
        AgentId = session.Agent.AgentId,
        Online = online,
        ConnectNumber = session.ConnectNumber,
        Session = session.Id.Value,
        FrontDoor = frontDoor.Number,
        LastSeen = clock.WallNow,
        Labels = session.Subscriber.Labels,
        SoftwareVersion = session.Subscriber.SoftwareVersion,
    };

    // 45 to 75 s, so that sessions that connected together do not announce themselves together.
    private TimeSpan NextAnnouncement() => clock.Now + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(45_000, 75_000));

    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionIndexUntold, LogLevel.Debug, "The index could not be told that agent {Agent} is connected.")]
        public static partial void IndexUntold(ILogger logger, AgentKey agent, Exception exception);

        [LoggerMessage(EventIds.SessionAnnounceFailed, LogLevel.Warning, "Session {Session} of agent {Agent} could not be announced to its grain.")]
        public static partial void AnnounceFailed(ILogger logger, AgentKey agent, SessionId session, Exception exception);

        [LoggerMessage(EventIds.SessionDisconnectReportFailed, LogLevel.Warning, "The end of session {Session} of agent {Agent} could not be reported.")]
        public static partial void DisconnectReportFailed(ILogger logger, AgentKey agent, SessionId session, Exception exception);
    }
}
