using Switchboard.Core.Agents;
using Switchboard.Core.Ids;

namespace Switchboard.Simulation.Model;

/// <summary>A front door: what it keeps in memory, and what a start, a stop and a crash do to it. Requests: Door.Requests.cs.</summary>
internal sealed partial class Door
{
    private static readonly TimeSpan _drainTime = TimeSpan.FromSeconds(2);

    private readonly Cluster _cluster;
    private readonly int _index;
    private readonly List<DoorSession> _sessions = [];
    private readonly HashSet<ushort> _gone = [];

    public Door(Cluster cluster, int index)
    {
        _cluster = cluster;
        _index = index;
        Clock = new WallClock(cluster.World);
    }

    public WallClock Clock { get; }

    public bool IsUp { get; private set; }

    public bool IsStopping { get; private set; }

    public ushort Number { get; private set; }

    public RequestIdGenerator Ids { get; private set; } = null!;

    /// <summary>A process starts, with nothing in memory and a number that no start before had.</summary>
    public void Start()
    {
        Number = FrontDoorNumber.OfStart(_cluster.Starts++);
        Ids = new RequestIdGenerator(Number, Clock.Now);
        _sessions.Clear();
        _gone.Clear();
        (IsUp, IsStopping) = (true, false);
        OpenBooks();
        AnnounceSometimes(Number);
        _cluster.World.Note(Number, $"front door {_index} starts as {Number}");
    }

    /// <summary>The process dies: its callers and agents see broken connections, and nobody says goodbye.</summary>
    public void Crash()
    {
        if (!IsUp)
        {
            return;
        }

        _cluster.World.Note(Number, $"front door {Number} dies");
        IsUp = false;
        foreach (var session in _sessions.ToArray())
        {
            session.Lose();
        }

        _cluster.Died(Number);

        _cluster.World.After(_cluster.Random.Ms(0, 1000), Start);
    }

    /// <summary>The process stops in good order: agents go elsewhere, then what is still open ends.</summary>
    public void Drain()
    {
        if (!IsUp || IsStopping)
        {
            return;
        }

        _cluster.World.Note(Number, $"front door {Number} drains");
        IsStopping = true;
        int start = Number;
        EndWaiting();
        foreach (var session in _sessions.ToArray())
        {
            session.Retire();
        }

        _cluster.World.After(_drainTime, () =>
        {
            if (!IsUp || Number != start)
            {
                return;
            }

            foreach (var session in _sessions.ToArray())
            {
                session.End(EndCause.Draining);
            }

            EndAll();
            _cluster.World.After(_cluster.Random.Ms(0, 500), () =>
            {
                if (Number == start)
                {
                    Crash();
                }
            });
        });
    }

    public bool KnowsGone(ushort number) => _gone.Contains(number);

    /// <summary>The registry names another front door as gone: what is open to it and from it ends.</summary>
    public void NameGone(ushort number)
    {
        if (!IsUp || !_gone.Add(number))
        {
            return;
        }

        _cluster.World.Note(Number, $"front door {Number} hears that {number} is gone");
        foreach (var hop in _cluster.Hops.ToArray())
        {
            if (hop.Number == number && hop.OwnerNumber == Number)
            {
                hop.HolderGone();
            }
            else if (hop.OwnerNumber == number && hop.Number == Number)
            {
                hop.OwnerGone();
            }
        }
    }

    public DoorSession? Find(SessionId session) => _sessions.Find(s => s.Id == session);

    public DoorSession Subscribe(Agent agent, AgentProcess process)
    {
        var session = new DoorSession(_cluster, this, agent, process, new SessionId(_cluster.Random.Next()));
        agent.Add(session);
        _sessions.Add(session);
        session.Say("welcome");
        Connect(session, _cluster.Now + TimeSpan.FromSeconds(10));
        return session;
    }

    public void Remove(DoorSession session)
    {
        _sessions.Remove(session);
        Routes.Forget(session.Agent.Key, session.Id.Value);
    }

    /// <summary>What it replies to a fresh activation.</summary>
    public IReadOnlyList<HeldSession<Door>> Held(Agent agent) =>
        [.. _sessions.Where(s => s.Agent == agent && s.ConnectNumber != 0).Select(HeldOf)];

    public void AnnounceAgain(Agent agent)
    {
        foreach (var session in _sessions.Where(s => s.Agent == agent))
        {
            session.AnnounceAt = TimeSpan.Zero;
        }
    }

    /// <summary>A grain tells it about a session.</summary>
    public void Notify(SessionId session, SessionEnding ending)
    {
        if (Find(session) is not { } found)
        {
            return;
        }

        if (ending == SessionEnding.Succeeded)
        {
            found.Queue.Succeeded();
        }
        else
        {
            found.End(ending == SessionEnding.Displaced ? EndCause.Displaced : EndCause.Kicked);
        }
    }

    public void SendRetiring(DoorSession session) => Call<bool>(
        session.Agent,
        sessions =>
        {
            session.RetiresAtGrain |= !session.IsUnknown && session.NumberGiven != 0;
            session.Agent.Grain.SendNotices(sessions.Retire(session.Id));
            return true;
        },
        mayDouble: true, _ => { }, () => { });

    /// <summary>Tells the grain that a session is over, and again until it has heard.</summary>
    public void ReportDisconnect(DoorSession session, int tried)
    {
        Call<bool>(
            session.Agent,
            sessions =>
            {
                _cluster.World.Note(session.Id.Value, $"{session}: disconnected");
                session.Agent.Oracle.Disconnected(session);
                sessions.Disconnect(session.Id);
                return true;
            },
            mayDouble: true,
            _ => { },
            () =>
            {
                if (tried < 5)
                {
                    _cluster.World.After(TimeSpan.FromMilliseconds(100 << tried), () => ReportDisconnect(session, tried + 1));
                }
            });
    }

    /// <summary>A call to an agent's grain; its reply is dropped where this process has died meanwhile.</summary>
    public void Call<T>(Agent agent, Func<AgentSessions<Door>, T> turn, bool mayDouble, Action<T> replied, Action failed)
    {
        int start = Number;
        bool IsTheSame() => IsUp && Number == start;
        _cluster.Network.Call<T>(
            reply => agent.Grain.Turn(sessions => reply(turn(sessions))),
            mayDouble,
            result =>
            {
                if (IsTheSame())
                {
                    replied(result);
                }
            },
            () =>
            {
                if (IsTheSame())
                {
                    failed();
                }
            });
    }

    private void Connect(DoorSession session, TimeSpan until) => Call(
        session.Agent,
        sessions =>
        {
            var clockMs = session.Agent.Grain.Clock.Ms;
            var reply = sessions.Connect(session.Id, Number, this, _cluster.Now, clockMs);
            _cluster.World.Note(session.Id.Value, $"{session}: connect, {reply.Decision} {reply.ConnectNumber}");
            session.Agent.Oracle.Connected(session, reply, clockMs);
            session.Agent.Grain.SendNotices(reply.Notices);
            return reply;
        },
        mayDouble: false,
        reply => Connected(session, reply, until),
        () => session.End(EndCause.NotConnected));

    private void Connected(DoorSession session, ConnectReply<Door> reply, TimeSpan until)
    {
        if (session.Queue.HasEnded)
        {
            return;
        }

        switch (reply.Decision)
        {
            case ConnectDecision.Wait when _cluster.Now + reply.Wait <= until:
                _cluster.World.After(reply.Wait, () =>
                {
                    if (IsUp && !session.Queue.HasEnded)
                    {
                        Connect(session, until);
                    }
                });
                return;
            case not ConnectDecision.Connected:
                session.End(EndCause.NotConnected);
                return;
        }
        session.AnnounceAt = NextAnnouncement();
        session.ConnectNumber = reply.ConnectNumber;
        session.KnownSince = _cluster.Now;
        _cluster.World.Note(session.Id.Value, $"{session}: front door {Number} knows its number");
        Routes.Connected(session.Agent.Key, Number, session.Id.Value, session, session.Agent.Policy == SessionPolicy.Pool);
        foreach (var request in Arrivals.WaitersFor(session.Agent.Key))
        {
            request.AgentCame();
        }

        foreach (var older in reply.Displaced)
        {
            Find(older.Session)?.End(EndCause.Displaced);
        }

        if (session.Queue.IsRetiring)
        {
            SendRetiring(session);
        }
    }

    private void AnnounceSometimes(int start) => _cluster.World.After(TimeSpan.FromMilliseconds(500), () =>
    {
        if (!IsUp || Number != start)
        {
            return;
        }

        foreach (var session in _sessions.Where(s => s.AnnounceAt <= _cluster.Now && s.ConnectNumber != 0).ToArray())
        {
            Announce(session);
        }

        AnnounceSometimes(start);
    });

    private void Announce(DoorSession session)
    {
        session.AnnounceAt = NextAnnouncement();
        var held = HeldOf(session);
        Call(
            session.Agent,
            sessions =>
            {
                var reply = sessions.Announce(held);
                _cluster.World.Note(session.Id.Value, $"{session}: announced, {reply.Result}");
                session.RetiresAtGrain |= held.Retiring;
                session.Agent.Oracle.Announced(session, held.ConnectNumber, reply);
                session.Agent.Grain.SendNotices(reply.Notices);
                return reply;
            },
            mayDouble: true,
            reply =>
            {
                if (reply.Ending is { } ending)
                {
                    Notify(session.Id, ending);
                }
                // It ended while the announce was under way, which may have come after the goodbye: at an activation that knows of no
                // goodbye (the one that did is lost) it has just come back to life.
                else if (session.Queue.HasEnded)
                {
                    ReportDisconnect(session, tried: 1);
                }
            },
            () => { });
    }

    private HeldSession<Door> HeldOf(DoorSession session) => new(session.Id, Number, this, session.ConnectNumber, session.Queue.IsRetiring);

    private TimeSpan NextAnnouncement() => _cluster.Now + _cluster.Random.Ms(4500, 7500);
}
