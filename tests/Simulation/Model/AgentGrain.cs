using Switchboard.Core.Agents;

namespace Switchboard.Simulation.Model;

/// <summary>
/// An agent's grain: one activation at a time, one turn after another, and the whole of it is lost at any moment. What it decides is
/// <see cref="AgentSessions{TObserver}"/>; here is what Orleans does around it.
/// </summary>
internal sealed class AgentGrain(Cluster cluster, Agent agent)
{
    private static readonly TimeSpan _inquiry = TimeSpan.FromSeconds(1);

    private AgentSessions<Door>? _sessions;
    private List<Action<AgentSessions<Door>>>? _waiting;
    private int _activation;

    /// <summary>The wall clock of the silo that it is on.</summary>
    public WallClock Clock { get; private set; } = cluster.Silos[0];

    /// <summary>Takes its turn, once there is an activation.</summary>
    public void Turn(Action<AgentSessions<Door>> turn)
    {
        if (_sessions is { } sessions)
        {
            turn(sessions);
            agent.Oracle.Check(sessions);
            return;
        }
        if (_waiting is null)
        {
            Activate();
        }

        _waiting!.Add(turn);
    }

    /// <summary>The activation is lost, with what it knew; where it goes in good order, it asks for announces.</summary>
    public void Lose()
    {
        if (_sessions is null && _waiting is null)
        {
            return;
        }

        cluster.World.Note(1, $"{agent}: the activation is lost");
        if (_sessions is { } sessions && cluster.Random.Chance(400))
        {
            foreach (var door in sessions.Observers())
            {
                cluster.Network.Send(() => door.AnnounceAgain(agent));
            }
        }
        (_sessions, _waiting) = (null, null);
        _activation++;
        agent.Oracle.Lost();
    }

    private void Activate()
    {
        _waiting = [];
        var mine = ++_activation;
        Clock = cluster.Random.Of(cluster.Silos);
        List<Door> doors = [.. cluster.Doors.Where(d => d.IsUp)];
        List<Door> replied = [];
        List<HeldSession<Door>> held = [];
        foreach (var door in doors)
        {
            var silent = !cluster.Calm && cluster.Random.Chance(cluster.Faults.SilentInquiry);
            int start = door.Number;
            cluster.World.After(cluster.Network.Delay(), () =>
            {
                if (silent || !door.IsUp || door.Number != start)
                {
                    return;
                }

                var response = door.Held(agent);
                cluster.World.After(cluster.Network.Delay(), () =>
                {
                    if (mine != _activation || _sessions is not null)
                    {
                        return;
                    }

                    replied.Add(door);
                    held.AddRange(response);
                    if (replied.Count == doors.Count)
                    {
                        Activated(mine, replied, held);
                    }
                });
            });
        }
        cluster.World.After(_inquiry, () => Activated(mine, replied, held));
    }

    private void Activated(int mine, List<Door> replied, List<HeldSession<Door>> held)
    {
        if (mine != _activation || _sessions is not null)
        {
            return;
        }

        _sessions = new AgentSessions<Door>(
            agent.Policy, agent.Policy == SessionPolicy.Pool ? 48 : 24, new DisplacementBudget(5, TimeSpan.FromSeconds(1)));
        cluster.World.Note(
            2, $"{agent}: activated; {replied.Count} front doors replied: {string.Join(", ", held.Select(h => $"{h.Session} ({h.ConnectNumber})"))}");
        agent.Oracle.Activated(held);
        var notices = _sessions.Restore(held);
        SendNotices(notices);
        agent.Oracle.Check(_sessions);
        var waiting = _waiting!;
        _waiting = null;
        foreach (var turn in waiting)
        {
            Turn(turn);
        }
    }

    /// <summary>Sends what an outcome says; some of it is lost.</summary>
    public void SendNotices(IEnumerable<SessionNotice<Door>> notices)
    {
        foreach (var (door, session, ending) in notices)
        {
            cluster.Network.Send(() => door.Notify(session, ending));
        }
    }
}
