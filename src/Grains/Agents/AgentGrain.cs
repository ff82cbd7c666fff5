using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Agents;

namespace Switchboard.Grains.Agents;

/// <summary>
/// One agent: a shell around <see cref="SessionTable"/>. Every turn answers from memory and awaits nobody. What it knows is lost
/// with its activation and asked back from the front doors before the next one answers anything (AgentGrain.Activation.cs).
/// </summary>
[GrainType(Names.GrainTypes.Agent)]
internal sealed partial class AgentGrain : Grain, IAgentGrain
{
    private readonly GrainOptions _options;
    private readonly GrainClock _clock;
    private readonly ILogger<AgentGrain> _logger;
    private readonly PolicyRules _policies;
    private readonly DisplacementBudget _displacements;

    // Made as the activation begins: its policy depends on the key.
    private SessionTable _table = null!;
    private SessionPolicy _policy;

    // How to reach the front door of each session in the table; holds no other keys.
    private readonly Dictionary<SessionId, IFrontDoorLane> _lanes = [];

    // Has this activation ever heard of a session? One that has keeps what it must remember of those that are over.
    private bool _knowsAnybody;

    public AgentGrain(
        IOptions<GrainOptions> options,
        IOptions<AgentPolicyOptions> policies,
        [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
        ILogger<AgentGrain> logger)
    {
        _options = options.Value;
        _policies = policies.Value.ToRules();
        _displacements = new DisplacementBudget(_options.DisplacementBurst, _options.DisplacementInterval);
        _clock = new GrainClock(time);
        _logger = logger;
    }

    private string Key => this.GetPrimaryKeyString();

    public Task<SessionConnected> Connect(SessionConnect connect)
    {
        _knowsAnybody = true;
        var session = new SessionId(connect.Session);
        if (_table.WouldDisplace(session) && _displacements.Take(_clock.Now) is { } wait)
        {
            if (_displacements.IsNews())
                LogSlowed(Key, wait);
            return Task.FromResult(NotConnected(ConnectResult.Wait, wait));
        }

        var outcome = _table.Connect(session, connect.FrontDoor, _clock.UnixMilliseconds);
        if (outcome.Refused)
        {
            LogPoolFull(Key, _table.Entries.Count);
            return Task.FromResult(NotConnected(ConnectResult.PoolFull, default));
        }

        _lanes[session] = connect.Lane;
        Displace(outcome.Displaced, by: session, connect.FrontDoor);
        TellSucceeded();
        return Task.FromResult(new SessionConnected
        {
            ConnectNumber = outcome.ConnectNumber,
            Displaced = outcome.Displaced.Select(e => e.Session.Value).ToArray(),
            Pool = _policy == SessionPolicy.Pool,
        });
    }

    public Task<SessionEndReason?> Announce(SessionAnnouncement announcement) => Task.FromResult(Take(announcement));

    public Task Disconnect(ulong session)
    {
        _knowsAnybody = true;
        _table.Disconnect(new SessionId(session));
        ForgetLanes();
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ulong>> Kick()
    {
        LeaveIfUnknown();
        var kicked = _table.Kick();
        foreach (var entry in kicked)
        {
            LogKicked(Key, entry.Session);
            EndElsewhere(_lanes[entry.Session], entry.Session, SessionEndReason.Kicked);
        }

        ForgetLanes();
        return Task.FromResult<IReadOnlyList<ulong>>(kicked.Select(e => e.Session.Value).ToArray());
    }

    public Task Retire(ulong session)
    {
        if (_table.Retire(new SessionId(session)))
            TellSucceeded();
        return Task.CompletedTask;
    }

    public Task<RouteResult> Route(ulong refused)
    {
        if (refused != 0)
        {
            _table.Disconnect(new SessionId(refused));
            ForgetLanes();
        }

        LeaveIfUnknown();
        return Task.FromResult(new RouteResult
        {
            Targets = _table.Candidates().Select(TargetOf).ToArray(),
            Pool = _policy == SessionPolicy.Pool,
        });
    }

    public Task<AgentStatus> GetStatus()
    {
        LeaveIfUnknown();
        return Task.FromResult(new AgentStatus
        {
            Online = _table.Route() is not null,
            Sessions = _table.Entries.Select(e => new SessionAnnouncement
            {
                Session = e.Session.Value,
                FrontDoor = e.FrontDoor,
                Lane = _lanes[e.Session],
                ConnectNumber = e.ConnectNumber,
                Retiring = e.Retiring,
            }).ToArray(),
        });
    }

    // Somebody asked for an id that no front door holds and that never connected here: whoever guesses ids must not fill the silo
    // with activations (R5).
    private void LeaveIfUnknown()
    {
        if (!_knowsAnybody)
            DeactivateOnIdle();
    }

    // Not null: it is over, and the front door that announces it has to end it.
    private SessionEndReason? Take(SessionAnnouncement announcement)
    {
        // Its connect is on the way to this grain and will be a turn of its own; until then there is nothing to keep.
        if (announcement.ConnectNumber == 0)
            return null;
        _knowsAnybody = true;
        var session = new SessionId(announcement.Session);
        var outcome = _table.Announce(session, announcement.FrontDoor, announcement.ConnectNumber, announcement.Retiring);
        // Without room it goes as one that was kicked does: to come back later. Called displaced, it would not.
        if (outcome.Result is AnnounceResult.Kicked or AnnounceResult.NoRoom)
            return SessionEndReason.Kicked;
        if (outcome.Result == AnnounceResult.Refused)
        {
            LogAnnouncementRefused(Key, session, announcement.ConnectNumber);
            // One that drains ends by itself, when what it is still answering is answered (S2).
            return announcement.Retiring ? null : SessionEndReason.Displaced;
        }

        _lanes[session] = announcement.Lane;
        Displace(outcome.Superseded, by: session, told: null);
        if (outcome.Result == AnnounceResult.Taken)
            TellSucceeded();
        return null;
    }

    /// <param name="displaced">The sessions that have just left the table.</param>
    /// <param name="by">The session for which they left it.</param>
    /// <param name="told">The front door that reads of them in the answer to its own call.</param>
    private void Displace(IReadOnlyList<SessionEntry> displaced, SessionId by, ushort? told)
    {
        foreach (var entry in displaced)
        {
            LogDisplaced(Key, entry.Session, by);
            if (entry.FrontDoor != told)
                EndElsewhere(_lanes[entry.Session], entry.Session, SessionEndReason.Displaced);
        }

        ForgetLanes();
    }

    // A session that drains goes on taking requests until its agent is connected elsewhere (PEERS 1.12). Said again with each change,
    // and nothing depends on it: its own front door stops when its drain ends.
    private void TellSucceeded()
    {
        var retiring = _table.Entries.Where(e => e.Retiring).ToArray();
        if (retiring.Length == 0 || _table.Route()!.Retiring)
            return;
        foreach (var entry in retiring)
            _ = TellAsync(_lanes[entry.Session].Succeeded, entry.Session.Value);
    }

    private RouteTarget TargetOf(SessionEntry entry) =>
        new() { FrontDoor = entry.FrontDoor, Session = entry.Session.Value, Lane = _lanes[entry.Session] };

    private static SessionConnected NotConnected(ConnectResult result, TimeSpan wait) =>
        new() { ConnectNumber = 0, Displaced = [], Result = result, Wait = wait };

    // Not awaited: this turn must not wait for another process. A front door that hears nothing hears it with the next request that
    // it refuses, or with its next announcement, which is refused.
    private void EndElsewhere(IFrontDoorLane lane, SessionId session, SessionEndReason reason) => _ = TellAsync(
        lane.EndSession, new SessionEnd { AgentKey = Key, Session = session.Value, Reason = reason });

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

    private void ForgetLanes()
    {
        if (_lanes.Count == 0)
            return;
        var known = _table.Entries.Select(e => e.Session).ToHashSet();
        foreach (var session in _lanes.Keys.Where(s => !known.Contains(s)).ToArray())
            _lanes.Remove(session);
    }
}
