using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Agents;

/// <summary>
/// One agent: a shell around <see cref="AgentSessions{TLane}"/>. Every turn answers from memory and awaits nobody. What it knows is lost
/// with its activation and asked back from the front doors before the next one answers anything (AgentGrain.Activation.cs).
/// </summary>
[GrainType(Names.GrainTypes.Agent)]
internal sealed partial class AgentGrain(
    IOptions<GrainOptions> options,
    IOptions<AgentPolicyOptions> policies,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
    ILogger<AgentGrain> logger) : Grain, IAgentGrain
{
    private readonly GrainOptions _options = options.Value;
    private readonly GrainClock _clock = new(time);
    private readonly ILogger<AgentGrain> _logger = logger;

    // Made as the activation begins: its policy depends on the key.
    private AgentSessions<IFrontDoorLane> _sessions = null!;

    private string Key => this.GetPrimaryKeyString();

    public Task<SessionConnected> Connect(SessionConnect connect)
    {
        Stay();
        var session = new SessionId(connect.Session);
        var reply = _sessions.Connect(session, connect.FrontDoor, connect.Lane, _clock.Now, _clock.UnixMilliseconds);
        switch (reply.Decision)
        {
            case ConnectDecision.Wait:
                if (reply.IsNews)
                    LogSlowed(Key, reply.Wait);
                return Task.FromResult(NotConnected(ConnectResult.Wait, reply.Wait));
            case ConnectDecision.PoolFull:
                LogPoolFull(Key, _sessions.Count);
                return Task.FromResult(NotConnected(ConnectResult.PoolFull, default));
        }

        LogDisplaced(reply.Displaced, by: session);
        Tell(reply.Notices);
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
        LogDisplaced(reply.Superseded, by: held.Session);
        if (reply.Result == AnnounceResult.Refused && held.ConnectNumber != 0)
            LogAnnouncementRefused(Key, held.Session, held.ConnectNumber);
        Tell(reply.Notices);
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
            LogKicked(Key, notice.Session);
        Tell(kicked);
        return Task.FromResult<IReadOnlyList<ulong>>(kicked.Select(n => n.Session.Value).ToArray());
    }

    public Task Retire(ulong session)
    {
        Tell(_sessions.Retire(new SessionId(session)));
        return Task.CompletedTask;
    }

    public Task<RouteResult> Route(ulong refused)
    {
        if (refused != 0)
            _sessions.Gone(new SessionId(refused));
        return Task.FromResult(new RouteResult
        {
            Targets = _sessions.Route().Select(TargetOf).ToArray(),
            Pool = _sessions.Policy == SessionPolicy.Pool,
        });
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
                Lane = known.Lane,
                ConnectNumber = known.Entry.ConnectNumber,
                Retiring = known.Entry.Retiring,
            }).ToArray(),
        });
    }

    // One that has heard of a session keeps what it must remember of those that are over. One that never did is collected soon.
    private void Stay() => DelayDeactivation(IdleActivations.HoldsSomething);

    private void LogDisplaced(IReadOnlyList<SessionEntry> displaced, SessionId by)
    {
        foreach (var entry in displaced)
            LogDisplaced(Key, entry.Session, by);
    }

    private static HeldSession<IFrontDoorLane> HeldOf(SessionAnnouncement announcement) => new(
        new SessionId(announcement.Session), announcement.FrontDoor, announcement.Lane, announcement.ConnectNumber, announcement.Retiring);

    private static RouteTarget TargetOf(KnownSession<IFrontDoorLane> known) =>
        new() { FrontDoor = known.Entry.FrontDoor, Session = known.Entry.Session.Value, Lane = known.Lane };

    private static SessionEndReason ReasonOf(SessionEnding ending) =>
        ending == SessionEnding.Displaced ? SessionEndReason.Displaced : SessionEndReason.Kicked;

    private static SessionConnected NotConnected(ConnectResult result, TimeSpan wait) =>
        new() { ConnectNumber = 0, Displaced = [], Result = result, Wait = wait };

    // Not awaited: this turn must not wait for another process. A front door that hears nothing hears it with the next request that
    // it refuses, or with its next announcement, which is refused.
    private void Tell(IEnumerable<SessionNotice<IFrontDoorLane>> notices)
    {
        foreach (var (lane, session, ending) in notices)
        {
            _ = ending == SessionEnding.Succeeded
                ? TellAsync(lane.Succeeded, session.Value)
                : TellAsync(lane.EndSession, new SessionEnd { AgentKey = Key, Session = session.Value, Reason = ReasonOf(ending) });
        }
    }

    private async Task TellAsync<T>(Func<T, Task> call, T argument)
    {
        try
        {
            await _clock.Bound(call(argument), _options.LaneCallTimeout);
        }
        catch (Exception e)
        {
            LogLaneUntold(e, Key);
        }
    }
}
