using System.Collections.Concurrent;
using System.Security.Cryptography;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Presence;
using Switchboard.Api.Errors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Requests;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <summary>What this front door tells grains of its sessions. No call is waited for longer than 5 s; what must arrive is repeated.</summary>
internal sealed partial class SessionCalls(
    SessionRegistry registry, IFrontDoor frontDoor, IGrainFactory grains, GatewayClock clock, AgentArrivals arrivals, ILogger<SessionCalls> logger)
{
    private const int Tries = 5;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a new session waits for the index, so that an agent that was welcomed is listed. It matters no further.</summary>
    private static readonly TimeSpan IndexLimit = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<AgentSession, Task> _farewells = new();

    /// <summary>Makes the session one that its agent's grain sends requests to, and its number known here; or says why not.</summary>
    public async Task<SessionConnected> ConnectAsync(AgentSession session, CancellationToken cancellationToken)
    {
        var connect = new SessionConnect
        {
            Session = session.Id.Value,
            FrontDoor = frontDoor.Number,
            Lane = frontDoor.Lane(session.Id.Value),
        };
        session.ConnectAsked = true;
        SessionConnected connected = await Agent(session).Connect(connect).WaitAsync(CallLimit, clock.Time, cancellationToken);
        if (connected.Result != ConnectResult.Connected)
            return connected;
        session.AnnounceAt = NextAnnouncement();
        session.ConnectNumber = connected.ConnectNumber;
        registry.Routes.Connected(session.Agent, frontDoor.Number, session.Id.Value, session, connected.Pool);
        arrivals.Came(session.Agent);
        return connected;
    }

    /// <summary>Tells the index. Where that fails it is told again with the next announcement, which comes at once.</summary>
    public async Task ReportOnlineAsync(AgentSession session, CancellationToken cancellationToken)
    {
        try
        {
            await Index.Report(ReportOf(session, online: true)).WaitAsync(IndexLimit, clock.Time, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.IndexUntold(logger, session.Agent, e);
            session.AnnounceAt = TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Announces a session. Refused, it is over: a newer one is known, or it was kicked. A failed call says nothing, and the next
    /// announcement comes.
    /// </summary>
    public async Task AnnounceAsync(AgentSession session)
    {
        session.AnnounceAt = NextAnnouncement();
        if (session.Ended is not null || session.ConnectNumber == 0)
            return;
        try
        {
            SessionAnnouncement announcement = SessionRegistry.Announcement(session, frontDoor.Number, frontDoor.Lane);
            if (await Agent(session).Announce(announcement).WaitAsync(CallLimit, clock.Time) is { } over)
            {
                session.End(SessionEndCauses.CauseOf(over));
                return;
            }
            // It ended while the announcement was under way, which may have arrived after the farewell: at an activation that knows of
            // no farewell (the one that did is lost) it has just come back to life.
            if (session.Ended is not null)
            {
                Farewell(session);
                return;
            }
            // The index lives in memory too: one that lost its activation hears again of who is here.
            await Index.Report(ReportOf(session, online: true)).WaitAsync(CallLimit, clock.Time);
        }
        catch (Exception e)
        {
            Log.AnnounceFailed(logger, session.Agent, session.Id, e);
        }
    }

    /// <summary>
    /// Sends every session of an agent away. Those of this front door have ended when this returns; other front doors are told by the
    /// agent's grain, which does not wait for them.
    /// </summary>
    /// <exception cref="TimeoutException">The grain did not answer in time.</exception>
    public async Task KickAsync(AgentKey agent, CancellationToken cancellationToken)
    {
        IAgentGrain grain = grains.GetGrain<IAgentGrain>(agent.ToString());
        IReadOnlyList<ulong> kicked = await GrainCalls.AskAsync(grain.Kick, CallLimit, clock.Time, cancellationToken);
        foreach (ulong session in kicked)
            registry.Find(session)?.End(SessionEndCause.Kicked);
    }

    /// <summary>The agent's grain sends it nothing new.</summary>
    public async Task RetireAsync(AgentSession session)
    {
        try
        {
            await Agent(session).Retire(session.Id.Value).WaitAsync(CallLimit, clock.Time);
        }
        catch (Exception e)
        {
            // The session itself refuses what is new, so this only saves others the way.
            Log.AnnounceFailed(logger, session.Agent, session.Id, e);
        }
    }

    /// <summary>
    /// Tells the grain and the index that a session is over. Does not wait. A grain that cannot be told finds out when a request that
    /// it sends here is refused.
    /// </summary>
    public void Farewell(AgentSession session)
    {
        if (!session.ConnectAsked)
            return;
        Task task = SayFarewellAsync(session);
        if (!task.IsCompleted && _farewells.TryAdd(session, task))
        {
            _ = task.ContinueWith(
                (_, s) => _farewells.TryRemove((AgentSession)s!, out Task? _),
                session, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Completes when all farewells that were begun are done, or given up.</summary>
    public Task WhenFarewellsAreSaidAsync() => Task.WhenAll(_farewells.Values);

    private IAgentIndexGrain Index => grains.GetGrain<IAgentIndexGrain>(IAgentIndexGrain.FirstShard);

    private IAgentGrain Agent(AgentSession session) => grains.GetGrain<IAgentGrain>(session.Agent.ToString());

    private async Task SayFarewellAsync(AgentSession session)
    {
        await RepeatAsync(session, static (calls, s) => calls.Agent(s).Disconnect(s.Id.Value));
        // Without a number it was never reported.
        if (session.ConnectNumber != 0)
            await RepeatAsync(session, static (calls, s) => calls.Index.Report(calls.ReportOf(s, online: false)));
    }

    private async Task RepeatAsync(AgentSession session, Func<SessionCalls, AgentSession, Task> call)
    {
        for (int tried = 1; ; tried++)
        {
            try
            {
                await call(this, session).WaitAsync(CallLimit, clock.Time);
                return;
            }
            catch (Exception e)
            {
                if (tried == Tries)
                {
                    Log.FarewellFailed(logger, session.Agent, session.Id, e);
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

    // 45 to 75 s, so that the sessions of a crowd that came together do not announce themselves together.
    private TimeSpan NextAnnouncement() => clock.Now + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(45_000, 75_000));
}
