using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Agents;

/// <summary>
/// Represents one agent: a shell around <see cref="AgentSessions{TObserver}"/>. Every turn replies from memory and awaits no other grain.
/// Its state is lost with its activation and recovered from the front doors before the next one processes a call
/// (AgentGrain.Activation.cs).
/// </summary>
[GrainType(Names.GrainTypes.Agent)]
internal sealed partial class AgentGrain(
    IOptions<GrainOptions> options,
    IOptions<AgentPolicyOptions> policies,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
    SteadyClock steady,
    ILogger<AgentGrain> logger) : Grain, IAgentGrain
{
    // More front doors than a cluster has.
    private const int MaxWatchers = 1024;

    // Twice as long as until it is said again.
    private static readonly TimeSpan _watchLasts = TimeSpan.FromSeconds(30);

    private readonly GrainOptions _options = options.Value;
    private readonly GrainClock _clock = new(time);
    private readonly ILogger<AgentGrain> _logger = logger;

    private readonly AgentWatchers<IFrontDoorObserver> _watchers = new(MaxWatchers, _watchLasts);

    // Created as the activation begins: its policy depends on the key.
    private AgentSessions<IFrontDoorObserver> _sessions = null!;

    private string Key => this.GetPrimaryKeyString();

    public Task<SessionConnected> Connect(SessionConnect connect)
    {
        Stay();
        var session = new SessionId(connect.Session);
        var reply = _sessions.Connect(session, connect.FrontDoor, connect.Observer, _clock.Now, _clock.UnixMilliseconds);
        switch (reply.Decision)
        {
            case ConnectDecision.Wait:
                if (reply.IsNews)
                {
                    Log.Slowed(_logger, Key, reply.Wait);
                }

                return Task.FromResult(NotConnected(ConnectResult.Wait, reply.Wait));
            case ConnectDecision.PoolFull:
                Log.PoolFull(_logger, Key, _sessions.Count);
                return Task.FromResult(NotConnected(ConnectResult.PoolFull, default));
        }

        ReportDisplaced(reply.Displaced, by: session);
        SendNotices(reply.Notices);
        NotifyWatchers();
        return Task.FromResult(new SessionConnected
        {
            ConnectNumber = reply.ConnectNumber,
            Displaced = reply.Displaced.Select(e => e.Session.Value).ToArray(),
            Pool = _sessions.Policy == SessionPolicy.Pool,
        });
    }

    public Task<SessionEndReason?> Announce(SessionAnnouncement announcement)
    {
        Stay();
        var held = HeldOf(announcement);
        var reply = _sessions.Announce(held);
        ReportDisplaced(reply.Superseded, by: held.Session);
        if (reply.Result == AnnounceResult.Refused && held.ConnectNumber != 0)
        {
            Log.AnnouncementRefused(_logger, Key, held.Session, held.ConnectNumber);
        }

        SendNotices(reply.Notices);
        if (reply.Result == AnnounceResult.Taken)
        {
            NotifyWatchers();
        }

        return Task.FromResult<SessionEndReason?>(reply.Ending is { } ending ? ReasonOf(ending) : null);
    }

    public Task Disconnect(ulong session)
    {
        Stay();
        _sessions.Disconnect(new SessionId(session));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ulong>> Kick()
    {
        var kicked = _sessions.Kick();
        foreach (var notice in kicked)
        {
            Log.Kicked(_logger, Key, notice.Session);
        }

        SendNotices(kicked);
        return Task.FromResult<IReadOnlyList<ulong>>(kicked.Select(n => n.Session.Value).ToArray());
    }

    public Task Retire(ulong session)
    {
        SendNotices(_sessions.Retire(new SessionId(session)));
        return Task.CompletedTask;
    }

    public Task Watch(ushort frontDoor, IFrontDoorObserver observer)
    {
        _watchers.Add(frontDoor, observer, _clock.Now);
        if (_sessions.IsOnline)
        {
            // It connected before that was said.
            NotifyWatchers();
        }

        return Task.CompletedTask;
    }

    public Task FrontDoorGone(ushort frontDoor)
    {
        _sessions.FrontDoorGone(frontDoor);
        return Task.CompletedTask;
    }

    public Task<RouteResult> Route()
    {
        var targets = _sessions.Route().Select(TargetOf).ToArray();
        return Task.FromResult(new RouteResult
        {
            Targets = targets,
            Pool = _sessions.Policy == SessionPolicy.Pool,
            Unknown = targets.Length == 0 && IsAnybodyUnheard,
        });
    }

    public Task SessionGone(ulong session)
    {
        _sessions.Gone(new SessionId(session));
        return Task.CompletedTask;
    }

    public Task Deliver()
    {
        foreach (var front in _sessions.Route().DistinctBy(static known => known.Entry.FrontDoor))
        {
            _ = NotifyAsync(front.Observer.Deliver, Key);
        }

        return Task.CompletedTask;
    }

    public Task<AgentStatus> GetStatus()
    {
        return Task.FromResult(new AgentStatus
        {
            Online = _sessions.IsOnline,
            Sessions = _sessions.All().Select(known => new SessionAnnouncement
            {
                Session = known.Entry.Session.Value,
                FrontDoor = known.Entry.FrontDoor,
                Observer = known.Observer,
                ConnectNumber = known.Entry.ConnectNumber,
                Retiring = known.Entry.Retiring,
            }).ToArray(),
        });
    }

    // An activation that has known a session keeps its tombstones. One that never did is collected soon.
    private void Stay() => DelayDeactivation(steady.StayFor(IdleActivations.HoldsSomething, _clock.UtcNow));

    private void ReportDisplaced(IReadOnlyList<SessionEntry> displaced, SessionId by)
    {
        foreach (var entry in displaced)
        {
            Log.Displaced(_logger, Key, entry.Session, by);
        }
    }

    private static HeldSession<IFrontDoorObserver> HeldOf(SessionAnnouncement announcement) => new(
        new SessionId(announcement.Session), announcement.FrontDoor, announcement.Observer, announcement.ConnectNumber, announcement.Retiring);

    private static RouteTarget TargetOf(KnownSession<IFrontDoorObserver> known) =>
        new() { FrontDoor = known.Entry.FrontDoor, Session = known.Entry.Session.Value, Observer = known.Observer };

    private static SessionEndReason ReasonOf(SessionEnding ending) =>
        ending == SessionEnding.Displaced ? SessionEndReason.Displaced : SessionEndReason.Kicked;

    private static SessionConnected NotConnected(ConnectResult result, TimeSpan wait) =>
        new() { ConnectNumber = 0, Displaced = [], Result = result, Wait = wait };

    // Not awaited: this turn must not wait for another process. A front door that gets no notice learns the same with the next request that
    // it refuses, or with its next announcement, which is refused.
    private void SendNotices(IEnumerable<SessionNotice<IFrontDoorObserver>> notices)
    {
        foreach (var (observer, session, ending) in notices)
        {
            _ = ending == SessionEnding.Succeeded
                ? NotifyAsync(observer.Succeeded, session.Value)
                : NotifyAsync(observer.EndSession, new SessionEnd { AgentKey = Key, Session = session.Value, Reason = ReasonOf(ending) });
        }
    }

    // A notification that is lost is made up for: the next look-up of those that wait finds the agent too.
    private void NotifyWatchers()
    {
        foreach (var observer in _watchers.TakeAll(_clock.Now))
        {
            _ = NotifyAsync(observer.AgentConnected, Key);
        }
    }

    private async Task NotifyAsync<T>(Func<T, Task> call, T argument)
    {
        try
        {
            await _clock.Bound(call(argument), _options.ObserverCallTimeout);
        }
        catch (Exception e)
        {
            Log.ObserverCallFailed(_logger, e, Key);
        }
    }

    private static partial class Log
    {
        // At Debug, because these two come once for each agent of a fleet: a registry or a front door that is away is logged where leases
        // are renewed.
        [LoggerMessage(EventIds.AgentRegistryUnanswered, LogLevel.Debug,
            "Agent {Agent}: the registry of front doors did not answer; its sessions are known again when they are announced.")]
        public static partial void RegistryNotReplied(ILogger logger, Exception exception, string agent);

        [LoggerMessage(EventIds.AgentFrontDoorUnanswered, LogLevel.Debug,
            "Agent {Agent}: front door {FrontDoor} ({Name}) did not say what it holds; its sessions are known again when they are announced.")]
        public static partial void FrontDoorNotReplied(ILogger logger, Exception exception, string agent, ushort frontDoor, string name);

        [LoggerMessage(EventIds.AgentActivated, LogLevel.Debug,
            "Agent {Agent}: activated; {FrontDoors} front doors asked, {Sessions} sessions found.")]
        public static partial void Activated(ILogger logger, string agent, int frontDoors, int sessions);

        [LoggerMessage(EventIds.AgentObserverCallFailed, LogLevel.Debug,
            "Agent {Agent}: a front door could not be told about a session.")]
        public static partial void ObserverCallFailed(ILogger logger, Exception exception, string agent);

        [LoggerMessage(EventIds.AgentSessionDisplaced, LogLevel.Debug,
            "Agent {Agent}: session {Session} displaced by {By}.")]
        public static partial void Displaced(ILogger logger, string agent, SessionId session, SessionId by);

        [LoggerMessage(EventIds.AgentSessionKicked, LogLevel.Debug,
            "Agent {Agent}: session {Session} kicked.")]
        public static partial void Kicked(ILogger logger, string agent, SessionId session);

        [LoggerMessage(EventIds.AgentDisplacementsSlowed, LogLevel.Warning,
            "Agent {Agent}: its sessions displace one another too fast, as they do where two processes use one id; from now on each connect "
            + "waits up to {Wait}. Said once until it has stopped.")]
        public static partial void Slowed(ILogger logger, string agent, TimeSpan wait);

        [LoggerMessage(EventIds.AgentPoolFull, LogLevel.Debug,
            "Agent {Agent}: another session was refused: the pool has {Sessions}, as many as it takes.")]
        public static partial void PoolFull(ILogger logger, string agent, int sessions);

        [LoggerMessage(EventIds.AgentAnnouncementRefused, LogLevel.Debug,
            "Agent {Agent}: session {Session} (connect number {ConnectNumber}) is not taken: a newer one is known, or it had ended.")]
        public static partial void AnnouncementRefused(ILogger logger, string agent, SessionId session, long connectNumber);
    }
}
