using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.Requests;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Sessions;

/// <summary>Every live session of this front door, by its id and by its agent. Thread-safe.</summary>
internal sealed class SessionRegistry
{
    /// <summary>How long a session that is over may take to say so and end its stream.</summary>
    public static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ulong, AgentSession> _sessions = new();
    private readonly ConcurrentDictionary<ulong, AgentSession> _ending = new();
    private readonly Dictionary<AgentKey, AgentSession> _firstOfAgent = [];
    private readonly Lock _gate = new();
    private readonly SwitchboardMeter _meter;
    private int _count;

    public SessionRegistry(GatewayClock clock, RouteCache<AgentSession> routes, SwitchboardMeter meter, IOptions<AgentSessionOptions> options)
    {
        Clock = clock;
        Routes = routes;
        Options = options.Value;
        _meter = meter;
        meter.ObserveSessions(() => Count);
    }

    public GatewayClock Clock { get; }

    public RouteCache<AgentSession> Routes { get; }

    public AgentSessionOptions Options { get; }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Sessions whose streams have not ended: the live ones, and those that still say their last words.</summary>
    public IEnumerable<AgentSession> Streams => _sessions.Values.Concat(_ending.Values);

    public IEnumerable<AgentSession> All => _sessions.Values;

    /// <summary>Adds a session. False: this front door has as many as it takes.</summary>
    public bool TryAdd(AgentSession session)
    {
        if (Interlocked.Increment(ref _count) > Options.MaxSessions || !_sessions.TryAdd(session.Id.Value, session))
        {
            Interlocked.Decrement(ref _count);
            return false;
        }
        lock (_gate)
        {
            _firstOfAgent.TryGetValue(session.Agent, out AgentSession? others);
            session.NextOfAgent = others;
            _firstOfAgent[session.Agent] = session;
        }
        return true;
    }

    /// <summary>A session has ended: nothing finds it any more. Its stream may take a moment longer, see <see cref="StreamEnded"/>.</summary>
    public void Remove(AgentSession session)
    {
        _ending.TryAdd(session.Id.Value, session);
        if (!_sessions.TryRemove(new KeyValuePair<ulong, AgentSession>(session.Id.Value, session)))
        {
            return;
        }
        Interlocked.Decrement(ref _count);
        lock (_gate)
            UnchainLocked(session);
        Routes.Forget(session.Agent, session.Id.Value);
        _meter.SessionClosed(session.Ended!.Value.Word());
    }

    /// <summary>The stream of an ended session has ended too.</summary>
    public void StreamEnded(AgentSession session) => _ending.TryRemove(session.Id.Value, out _);

    public AgentSession? Find(ulong session) => _sessions.GetValueOrDefault(session);

    /// <summary>What is announced of an agent's sessions here. A session whose connect is under way is not: the grain decides that one's place.</summary>
    public IReadOnlyList<SessionAnnouncement> Held(AgentKey agent, ushort frontDoor, Func<ulong, IFrontDoorLane> lane) =>
        OfAgent(agent).Where(s => s.ConnectNumber != 0).Select(s => Announcement(s, frontDoor, lane)).ToArray();

    public static SessionAnnouncement Announcement(AgentSession session, ushort frontDoor, Func<ulong, IFrontDoorLane> lane) => new()
    {
        Session = session.Id.Value,
        FrontDoor = frontDoor,
        Lane = lane(session.Id.Value),
        ConnectNumber = session.ConnectNumber,
        Retiring = session.Retiring,
    };

    /// <summary>That agent's sessions are announced with the next look of the pulse.</summary>
    public void AnnounceAgain(AgentKey agent)
    {
        foreach (AgentSession session in OfAgent(agent))
            session.AnnounceAt = TimeSpan.Zero;
    }

    private List<AgentSession> OfAgent(AgentKey agent)
    {
        List<AgentSession> found = [];
        lock (_gate)
        {
            for (AgentSession? s = _firstOfAgent.GetValueOrDefault(agent); s is not null; s = s.NextOfAgent)
                found.Add(s);
        }
        return found;
    }

    private void UnchainLocked(AgentSession session)
    {
        if (!_firstOfAgent.TryGetValue(session.Agent, out AgentSession? first))
            return;
        if (first == session)
        {
            if (session.NextOfAgent is { } next)
                _firstOfAgent[session.Agent] = next;
            else
                _firstOfAgent.Remove(session.Agent);
            return;
        }
        for (AgentSession before = first; before.NextOfAgent is { } s; before = s)
        {
            if (s == session)
            {
                before.NextOfAgent = session.NextOfAgent;
                return;
            }
        }
    }
}
