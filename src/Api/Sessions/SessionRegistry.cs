using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.Routing;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Sessions;

/// <summary>Holds every live session of this front door, by its id and by its agent. Thread-safe.</summary>
internal sealed class SessionRegistry : ILocalSessions<AgentSession>
{
    /// <summary>The time that a session which has ended has to write its go_away and end its stream.</summary>
    public static readonly TimeSpan GoAwayTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ulong, AgentSession> _sessions = new();
    private readonly ConcurrentDictionary<ulong, AgentSession> _ending = new();
    private readonly Dictionary<AgentKey, AgentSession> _firstOfAgent = [];
    private readonly Lock _gate = new();
    private readonly RouteCache<AgentSession> _routes;
    private readonly SwitchboardMeter _meter;
    private readonly int _maxSessions;
    private int _count;

    public SessionRegistry(RouteCache<AgentSession> routes, SwitchboardMeter meter, IOptions<AgentSessionOptions> options)
    {
        _routes = routes;
        _meter = meter;
        _maxSessions = options.Value.MaxSessions;
        meter.ObserveSessions(() => Count);
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>The sessions whose streams have not ended: the live ones, and those whose go_away is still being written.</summary>
    public IEnumerable<AgentSession> Streams => _sessions.Values.Concat(_ending.Values);

    public IEnumerable<AgentSession> All => _sessions.Values;

    /// <summary>Adds a session. False: this front door has as many as it may have.</summary>
    public bool TryAdd(AgentSession session)
    {
        if (Interlocked.Increment(ref _count) > _maxSessions || !_sessions.TryAdd(session.Id.Value, session))
        {
            Interlocked.Decrement(ref _count);
            return false;
        }
        lock (_gate)
        {
            _firstOfAgent.TryGetValue(session.Agent, out var others);
            session.NextOfAgent = others;
            _firstOfAgent[session.Agent] = session;
        }
        return true;
    }

    /// <summary>
    /// Removes a session that has ended, so that it is not found any more. Its stream may end a moment later, see <see
    /// cref="StreamEnded"/>.
    /// </summary>
    public void Remove(AgentSession session)
    {
        _ending.TryAdd(session.Id.Value, session);
        if (!_sessions.TryRemove(new KeyValuePair<ulong, AgentSession>(session.Id.Value, session)))
        {
            return;
        }
        Interlocked.Decrement(ref _count);
        lock (_gate)
        {
            UnchainLocked(session);
        }

        _routes.Forget(session.Agent, session.Id.Value);
        _meter.SessionClosed(session.Ended!.Value.ToReason());
    }

    /// <summary>Notes that the stream of an ended session has ended too.</summary>
    public void StreamEnded(AgentSession session) => _ending.TryRemove(session.Id.Value, out _);

    public AgentSession? Find(ulong session) => _sessions.GetValueOrDefault(session);

    /// <summary>
    /// Returns the announcements of an agent's sessions here. A session whose connect is under way is left out: its connect decides its
    /// place.
    /// </summary>
    public IReadOnlyList<SessionAnnouncement> Held(AgentKey agent, ushort frontDoor, Func<ulong, IFrontDoorObserver> observer) =>
        OfAgent(agent).Where(s => s.ConnectNumber != 0).Select(s => Announcement(s, frontDoor, observer)).ToArray();

    public static SessionAnnouncement Announcement(AgentSession session, ushort frontDoor, Func<ulong, IFrontDoorObserver> observer) => new()
    {
        Session = session.Id.Value,
        FrontDoor = frontDoor,
        Observer = observer(session.Id.Value),
        ConnectNumber = session.ConnectNumber,
        Retiring = session.Retiring,
    };

    /// <summary>Schedules an announcement of that agent's sessions with the next pass.</summary>
    public void AnnounceAgain(AgentKey agent)
    {
        foreach (var session in OfAgent(agent))
        {
            session.AnnounceAt = TimeSpan.Zero;
        }
    }

    /// <summary>Returns the sessions of an agent here, those whose connect is under way included.</summary>
    public IReadOnlyList<AgentSession> OfAgent(AgentKey agent)
    {
        List<AgentSession> found = [];
        lock (_gate)
        {
            for (var s = _firstOfAgent.GetValueOrDefault(agent); s is not null; s = s.NextOfAgent)
            {
                found.Add(s);
            }
        }
        return found;
    }

    private void UnchainLocked(AgentSession session)
    {
        if (!_firstOfAgent.TryGetValue(session.Agent, out var first))
        {
            return;
        }

        if (first == session)
        {
            if (session.NextOfAgent is { } next)
            {
                _firstOfAgent[session.Agent] = next;
            }
            else
            {
                _firstOfAgent.Remove(session.Agent);
            }

            return;
        }
        for (var before = first; before.NextOfAgent is { } s; before = s)
        {
            if (s == session)
            {
                before.NextOfAgent = session.NextOfAgent;
                return;
            }
        }
    }
}
