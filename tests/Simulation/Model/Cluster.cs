using Switchboard.Core.Agents;
using Switchboard.Core.Ids;

namespace Switchboard.Simulation.Model;

/// <summary>A wall clock: it runs as the monotonic one does, and is set forward and back.</summary>
internal sealed class WallClock(World world)
{
    private const long Start = 1_700_000_000_000;

    public long OffsetMs { get; set; }

    public long Ms => Start + (long)world.Now.TotalMilliseconds + OffsetMs;

    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(Ms);
}

/// <summary>All that there is in one run: front doors, agents with their grains, a queue, callers, and what goes wrong.</summary>
internal sealed class Cluster
{
    /// <summary>How long things go wrong.</summary>
    public static readonly TimeSpan FaultyFor = TimeSpan.FromSeconds(20);

    /// <summary>How long nothing new comes before everything must have come to rest: longer than any bound of the model.</summary>
    public static readonly TimeSpan RestFor = TimeSpan.FromSeconds(60);

    private readonly HashSet<ulong> _ids = [];
    private readonly List<Probe> _probes = [];
    private long _farthestMs;

    public Cluster(ulong seed, bool traced)
    {
        World = new World(seed, traced);
        Faults = new Faults(World.Random);
        Network = new Network(World, Faults);
        Silos = [new WallClock(World), new WallClock(World)];
        Doors = [.. Enumerable.Range(0, Faults.Doors).Select(i => new Door(this, i))];
        Agents = [.. Enumerable.Range(0, 2).Select(i => new Agent(this, i, Faults.Pool && i == 1 ? SessionPolicy.Pool : SessionPolicy.Latest))];
        Queue = new TaskQueueGrain(this);
    }

    public World World { get; }

    public Faults Faults { get; }

    public Network Network { get; }

    public IReadOnlyList<WallClock> Silos { get; }

    public IReadOnlyList<Door> Doors { get; }

    public IReadOnlyList<Agent> Agents { get; }

    public TaskQueueGrain Queue { get; }

    /// <summary>How requests and tasks ended.</summary>
    public SortedDictionary<string, int> Ends { get; } = new(StringComparer.Ordinal);

    /// <summary>How many starts of front doors there were: they share one counter, as those of one installation do.</summary>
    public ulong Starts { get; set; }

    public TimeSpan Now => World.Now;

    public SimRandom Random => World.Random;

    /// <summary>No faults from here on.</summary>
    public bool Calm => Network.Calm;

    /// <summary>T1: no id is ever given twice.</summary>
    public ulong Take(RequestId id, Door door)
    {
        Invariant.Holds(_ids.Add(id.Value), "T1", $"id {id} was given twice");
        Invariant.Holds(id.FrontDoor == door.Number && !id.IsDurable, "T1", $"id {id} does not name front door {door.Number}");
        return id.Value;
    }

    /// <summary>Requests on their way between two front doors.</summary>
    public List<SimHop> Hops { get; } = [];

    /// <summary>A front door has died; the others hear of it in their own time.</summary>
    public void Died(ushort number)
    {
        foreach (var hop in Hops.Where(hop => hop.Number == number || hop.OwnerNumber == number).ToArray())
        {
            hop.ProcessDied();
        }

        foreach (var door in Doors)
        {
            World.After(Random.Ms(100, 2000), () => door.NameGone(number));
        }
    }

    public void Count(string end) => Ends[end] = Ends.GetValueOrDefault(end) + 1;

    public void Run()
    {
        foreach (var door in Doors)
        {
            door.Start();
        }

        foreach (var agent in Agents)
        {
            agent.Start();
        }

        StartLoad();
        StartFaults();
        World.Run(FaultyFor, CheckStep);
        ComeToRest();
        World.Run(FaultyFor + RestFor, CheckStep);
        CheckRest();
        Probe();
        World.Run(FaultyFor + RestFor + TimeSpan.FromSeconds(10), CheckStep);
        foreach (var probe in _probes)
        {
            probe.Check();
        }

        CheckRest();
    }

    private void StartLoad()
    {
        Every(Faults.RequestEvery, SendOne);
        Every(Faults.RequestEvery * 2, () => Random.Of(Doors).Submit());
    }

    // Mostly to where the agent is.
    private void SendOne()
    {
        var agent = Random.Of(Agents);
        var known = Random.Chance(700);
        var door = (known ? agent.Oracle.Expected().LastOrDefault()?.Door : null) ?? Random.Of(Doors);
        door.Send(agent);
    }

    private void StartFaults()
    {
        foreach (var agent in Agents)
        {
            Every(Faults.ActivationLoss, agent.Grain.Lose);
            Every(Faults.Cut, agent.CutOne);
            Every(Faults.Reconnect, agent.ReconnectOne);
            Every(Faults.Kick, () => agent.Kick(Random.Of(Doors)));
        }
        Every(Faults.ClockJump, () => JumpClock(Random.Of([.. Silos, .. Doors.Select(d => d.Clock)])));
        Every(Faults.DoorCrash, () => Random.Of(Doors).Crash());
        Every(Faults.DoorDrain, () => Random.Of(Doors).Drain());
        Every(Faults.QueueLoss, Queue.Lose);
    }

    private void JumpClock(WallClock clock)
    {
        var ms = Random.Of([1, 50, 5_000, 3_600_000]) * (Random.Chance(500) ? 1 : -1);
        clock.OffsetMs += ms;
        _farthestMs = Math.Max(_farthestMs, clock.OffsetMs);
        World.Note(20, $"a clock jumps by {ms} ms");
    }

    // Comes again and again, the first time after a whole pause at most, until the faults end.
    private void Every(int meanMs, Action what)
    {
        if (meanMs == 0)
        {
            return;
        }

        World.After(Random.Ms(0, 2 * meanMs), () =>
        {
            if (Calm)
            {
                return;
            }

            what();
            Every(meanMs, what);
        });
    }

    // Clocks agree again, and are ahead of every number that was given: README.md says why.
    private void ComeToRest()
    {
        Network.Calm = true;
        foreach (var clock in Silos)
        {
            clock.OffsetMs = _farthestMs + 1_000;
        }

        foreach (var agent in Agents)
        {
            agent.Recover();
        }

        World.Note(21, $"no faults from here on");
    }

    private void CheckStep()
    {
        foreach (var door in Doors)
        {
            door.CheckStep();
        }

        Queue.CheckStep();
    }

    private void CheckRest()
    {
        foreach (var door in Doors)
        {
            door.CheckRest();
        }

        foreach (var agent in Agents)
        {
            agent.CheckRest();
        }

        Queue.CheckRest();
    }

    // Every session that lives is to be reached once more, from where it is.
    private void Probe()
    {
        foreach (var agent in Agents)
        {
            foreach (var session in agent.Oracle.Expected())
            {
                _probes.Add(new Probe(session.Door.Send(agent)!, agent));
            }
        }
    }
}

/// <summary>A request that must get a response, by a session that lives.</summary>
internal sealed class Probe(SimRequest request, Agent agent)
{
    public void Check()
    {
        Invariant.Holds(request.HasReturned, "R1", $"{request} has not ended");
        Invariant.Holds(
            request.Verdict == Core.Requests.Verdict.Answered, "S1", $"{request} ended {request.Verdict} although its agent is connected and well");
        Invariant.Holds(
            agent.Policy == SessionPolicy.Pool || agent.Oracle.Expected().Contains(request.SentTo), "S1", $"{request} went to {request.SentTo}, which is not where its agent is");
    }
}
