using Switchboard.Core.Agents;

namespace Switchboard.Simulation.Model;

/// <summary>
/// Knows which sessions an agent's requests have to reach (S1) and who had to go (S2), from what was said in the grain's turns, and
/// holds the grain to it after each. It looks at no table but the one that it judges.
/// </summary>
internal sealed class SessionOracle(Agent agent)
{
    private readonly List<DoorSession> _connected = [];

    // The sessions of which this activation has heard that they are over, as many as it has to remember.
    private readonly Queue<SessionId> _over = new();
    private long _greatestGiven;
    private long _heard;

    /// <summary>The sessions that requests have to reach: under <c>latest</c> the newest, in a pool all. None that has ended.</summary>
    public IEnumerable<DoorSession> Expected() => _connected.Where(s => !s.Queue.HasEnded && !s.ReportedDisconnect);

    /// <summary>A session whose place is certain: README.md names the cases in which it is not.</summary>
    private IEnumerable<DoorSession> Certain() => Expected().Where(s => !s.IsUnknown && !s.HasLowNumber);

    public bool IsCertain(DoorSession session) => Certain().Contains(session);

    public void Lost()
    {
        _heard = 0;
        _over.Clear();
    }

    public void Activated(IReadOnlyList<HeldSession<Door>> held)
    {
        _heard = held.Select(h => h.ConnectNumber).DefaultIfEmpty().Max();
        foreach (var session in agent.Sessions)
        {
            var known = held.FirstOrDefault(h => h.Session == session.Id);
            session.IsUnknown = known.Observer is null;
            session.RetiresAtGrain = known.Retiring;
        }
    }

    public void Connected(DoorSession session, ConnectReply<Door> reply, long clockMs)
    {
        if (reply.Decision != ConnectDecision.Connected || session.NumberGiven == reply.ConnectNumber)
        {
            return;
        }

        Invariant.Holds(
            reply.ConnectNumber > _heard && reply.ConnectNumber > clockMs, "S1",
            $"{session} got connect number {reply.ConnectNumber}, not greater than {_heard} and the clock's {clockMs}");
        // Two sessions of a pool stand beside each other whatever their numbers are.
        session.HasLowNumber = agent.Policy == SessionPolicy.Latest && reply.ConnectNumber <= _greatestGiven;
        session.NumberGiven = _heard = reply.ConnectNumber;
        _greatestGiven = Math.Max(_greatestGiven, reply.ConnectNumber);
        CheckDisplaced(session, reply);
        CheckTold(session, reply.Displaced, reply.Notices, session.Door.Number);
        // It has ended before its connect came: where the grain has heard so, it gets no place, and takes nobody's.
        if (session.ReportedDisconnect)
        {
            _connected.RemoveAll(s => reply.Displaced.Any(d => d.Session == s.Id));
            return;
        }
        session.IsUnknown = false;
        if (agent.Policy == SessionPolicy.Latest)
        {
            _connected.Clear();
        }

        _connected.Add(session);
    }

    // S2: under `latest` the newest displaces what is not told to drain, in a pool nobody displaces any other that takes requests.
    private void CheckDisplaced(DoorSession session, ConnectReply<Door> reply)
    {
        if (agent.Policy == SessionPolicy.Pool)
        {
            Invariant.Holds(
                reply.Displaced.All(d => agent.Find(d.Session) is { RetiresAtGrain: true }), "S2", $"{session} has displaced one of its pool");
            return;
        }
        foreach (var older in Certain().Where(s => s != session && !s.RetiresAtGrain && !session.ReportedDisconnect))
        {
            Invariant.Holds(reply.Displaced.Any(d => d.Session == older.Id), "S2", $"{session} has not displaced {older}");
        }

        Invariant.Holds(
            reply.Displaced.All(d => agent.Find(d.Session) is not { RetiresAtGrain: true, IsUnknown: false }), "S2",
            $"{session} has displaced one that was told to drain");
    }

    public void Announced(DoorSession session, long number, AnnounceReply<Door> reply)
    {
        _heard = Math.Max(_heard, number);
        CheckTold(session, reply.Superseded, reply.Notices, told: 0);
        var certain = IsCertain(session);
        if (reply.Result is AnnounceResult.Refreshed or AnnounceResult.Taken)
        {
            session.IsUnknown = false;
        }

        Invariant.Holds(
            !(certain && reply.Ending is not null), "S1", $"{session} is the newest, and was told to go when it was announced: {reply.Result}");
        // A pool that is full of sessions loses the oldest that drains.
        foreach (var expected in Certain().Where(s => s != session && !(agent.Policy == SessionPolicy.Pool && s.RetiresAtGrain)))
        {
            Invariant.Holds(
                reply.Superseded.All(d => d.Session != expected.Id), "S1", $"the announce of {session} has displaced {expected}");
        }
    }

    /// <summary>A disconnect of that session, or the word that it is not there.</summary>
    public void Disconnected(DoorSession session)
    {
        Invariant.Holds(session.Queue.HasEnded, "S1", $"{session} lives, and its grain was told that it is gone");
        session.ReportedDisconnect = true;
        NoteOver(session.Id);
    }

    public void Kicked(IReadOnlyList<SessionNotice<Door>> kicked)
    {
        foreach (var notice in kicked)
        {
            NoteOver(notice.Session);
        }

        foreach (var session in _connected)
        {
            session.ReportedDisconnect = true;
        }
    }

    public void Check(AgentSessions<Door> sessions)
    {
        var route = sessions.Route();
        Invariant.Holds(agent.Policy == SessionPolicy.Pool || route.Count <= 1, "S2", $"{agent} is routed to {route.Count} sessions");
        Invariant.Holds(
            !route.Any(r => _over.Contains(r.Entry.Session)), "S1",
            $"requests go to {string.Join(", ", route.Select(r => r.Entry.Session))}, and the grain has heard that it is over");
        foreach (var expected in Certain())
        {
            var elsewhere = agent.Policy == SessionPolicy.Pool && expected.RetiresAtGrain && route.Any(r => agent.Find(r.Entry.Session) is { RetiresAtGrain: false });
            Invariant.Holds(
                elsewhere || route.Any(r => r.Entry.Session == expected.Id && r.Entry.FrontDoor == expected.Door.Number), "S1",
                $"requests go to {string.Join(", ", route.Select(r => r.Entry.Session))} and not to {expected}");
        }
        Invariant.Holds(
            route.All(r => !r.Entry.Retiring) || route.All(r => r.Entry.Retiring), "S2", $"{agent}: one that drains gets requests beside one that does not");
    }

    private void NoteOver(SessionId session)
    {
        if (_over.Contains(session))
        {
            return;
        }

        if (_over.Count == SessionTable.MinTombstones)
        {
            _over.Dequeue();
        }

        _over.Enqueue(session);
    }

    // S2: whoever leaves the table is told at once, but by the front door that reads of it in the reply.
    private static void CheckTold(DoorSession by, IReadOnlyList<SessionEntry> displaced, IReadOnlyList<SessionNotice<Door>> notices, ushort told)
    {
        foreach (var entry in displaced.Where(d => d.FrontDoor != told))
        {
            Invariant.Holds(
                notices.Any(n => n.Session == entry.Session && n.Ending == SessionEnding.Displaced), "S2",
                $"{entry.Session} is displaced by {by} and not told");
        }
    }
}
