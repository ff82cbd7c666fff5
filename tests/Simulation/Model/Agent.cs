using Switchboard.Core.Agents;

namespace Switchboard.Simulation.Model;

/// <summary>One agent: its grain, its processes (more than one in a pool, or where two use one id by mistake), and what it has seen.</summary>
internal sealed class Agent
{
    private readonly Cluster _cluster;
    private readonly List<AgentProcess> _processes = [];
    private readonly Dictionary<SessionId, DoorSession> _sessions = [];
    private readonly HashSet<ulong> _seen = [];
    private readonly string _name;

    public Agent(Cluster cluster, int index, SessionPolicy policy)
    {
        _cluster = cluster;
        _name = $"a{index}";
        Policy = policy;
        AgentKey.TryCreate(null, _name, out var key, out _);
        Key = key;
        Grain = new AgentGrain(cluster, this);
        Oracle = new SessionOracle(this);
        var processes = policy == SessionPolicy.Pool ? 3 : cluster.Faults.SecondProcess ? 2 : 1;
        for (var i = 0; i < processes; i++)
        {
            _processes.Add(new AgentProcess(cluster, this, $"{_name}.{i}", givesUp: i > 0));
        }
    }

    public AgentKey Key { get; }

    public SessionPolicy Policy { get; }

    public AgentGrain Grain { get; }

    public SessionOracle Oracle { get; }

    /// <summary>Every session that it ever had.</summary>
    public IReadOnlyCollection<DoorSession> Sessions => _sessions.Values;

    public void Start() => _processes.ForEach(p => p.ConnectSoon(0, 50));

    public void Add(DoorSession session) => _sessions.Add(session.Id, session);

    public DoorSession? Find(SessionId session) => _sessions.GetValueOrDefault(session);

    public void CutOne() => _cluster.Random.Of(_processes).Cut();

    public void ReconnectOne() => _cluster.Random.Of(_processes).Connect();

    /// <summary>The first process, or each of a pool, connects anew, so that there is a newest session that nothing is wrong with.</summary>
    public void Recover() => (Policy == SessionPolicy.Pool ? _processes : _processes[..1]).ForEach(p => p.ConnectSoon(200, 400));

    public void Kick(Door door)
    {
        if (!door.IsUp)
        {
            return;
        }

        _cluster.Network.Call<IReadOnlyList<SessionNotice<Door>>>(
            reply => Grain.Turn(sessions =>
            {
                var kicked = sessions.Kick();
                Oracle.Kicked(kicked);
                _cluster.World.Note(3, $"{this}: kicked {string.Join(", ", kicked.Select(n => n.Session))}");
                Grain.SendNotices(kicked);
                reply(kicked);
            }),
            mayDouble: false,
            kicked =>
            {
                foreach (var notice in kicked)
                {
                    door.Find(notice.Session)?.End(EndCause.Kicked);
                }
            },
            () => { });
    }

    /// <summary>A request has come to the agent. R1: no request comes twice.</summary>
    public void Deliver(SimRequest request, DoorSession session)
    {
        Invariant.Holds(_seen.Add(request.Id), "R1", $"{request} came to its agent twice");
        Invariant.Holds(
            !request.WasToldUnsent, "R1", $"{request} ended {request.Verdict}, unsent, and came to its agent all the same");
        _cluster.World.Note(request.Id, $"{request} is at its agent, by {session}");
        Responding.Plan(_cluster, request, session);
    }

    public bool HasSeen(ulong id) => _seen.Contains(id);

    /// <summary>S2: nothing is left of what was displaced.</summary>
    public void CheckRest()
    {
        List<DoorSession> live = [.. _sessions.Values.Where(s => !s.Queue.HasEnded)];
        if (Policy == SessionPolicy.Latest)
        {
            Invariant.Holds(live.Count == 1, "S2", $"{this} has {live.Count} sessions at rest: {string.Join(", ", live)}");
        }

        foreach (var session in live.Where(s => !Oracle.IsCertain(s) && Policy == SessionPolicy.Latest))
        {
            Invariant.Holds(false, "S1", $"{session} lives, and its grain need not know it");
        }
    }

    public override string ToString() => _name;
}

/// <summary>A process of an agent: keeps one session open, and opens another when that is over or it is asked to.</summary>
internal sealed class AgentProcess(Cluster cluster, Agent agent, string name, bool givesUp)
{
    private DoorSession? _current;
    private int _connects;

    /// <summary>Opens a session, whether or not one is open: an agent may notice the end of a connection before its front door does.</summary>
    public void Connect()
    {
        _connects++;
        List<Door> open = [.. cluster.Doors.Where(d => d.IsUp && !d.IsStopping)];
        if (open.Count == 0)
        {
            ConnectSoon(100, 500);
            return;
        }
        var door = cluster.Random.Of(open);
        int start = door.Number;
        cluster.World.After(cluster.Network.Delay(), () =>
        {
            if (door.IsUp && door.Number == start && !door.IsStopping)
            {
                _current = door.Subscribe(agent, this);
            }
            else
            {
                ConnectSoon(50, 500);
            }
        });
    }

    public void ConnectSoon(int lowMs, int highMs)
    {
        var connects = _connects;
        cluster.World.After(cluster.Random.Ms(lowMs, highMs), () =>
        {
            // It has connected meanwhile for another reason.
            if (connects == _connects)
            {
                Connect();
            }
        });
    }

    public void Cut() => _current?.Cut();

    /// <summary>The agent hears that a session is over, or to be.</summary>
    public void Hear(DoorSession session, EndCause cause)
    {
        if (_current != session)
        {
            return;
        }

        switch (cause)
        {
            // Displaced: an agent's program stops, or by option comes back later. Of two with one id, one must give up in the end.
            case EndCause.Displaced:
                _current = null;
                if (!cluster.Calm || !givesUp)
                {
                    ConnectSoon(2000, 6000);
                }

                break;
            case EndCause.Kicked:
                ConnectSoon(500, 1500);
                break;
            default:
                ConnectSoon(10, 500);
                break;
        }
    }

    public override string ToString() => name;
}
