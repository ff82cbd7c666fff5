using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Simulation.Model;

internal enum EndCause
{
    AgentGone,
    Displaced,
    Kicked,
    Draining,
    NotConnected,
}

/// <summary>One session at its front door, the writer of its stream, and the stream.</summary>
internal sealed class DoorSession(Cluster cluster, Door door, Agent agent, AgentProcess process, SessionId id) : IRouteTarget, ISimHolder
{
    private static readonly TimeSpan _halfOpen = TimeSpan.FromSeconds(3);
    private bool _writing;
    private bool _cut;
    private bool _isUnknown;

    public SessionId Id { get; } = id;

    public Door Door { get; } = door;

    public Agent Agent { get; } = agent;

    public SessionQueue<SimRequest, string> Queue { get; } = new(cluster.Faults.MaxInFlight, 3000);

    /// <summary>What the agent's grain gave, once the front door knows it; 0: the connect is under way.</summary>
    public long ConnectNumber { get; set; }

    public TimeSpan AnnounceAt { get; set; }

    /// <summary>Since when the front door has known that it is connected.</summary>
    public TimeSpan KnownSince { get; set; }

    /// <summary>Is its connection cut, whoever has noticed?</summary>
    public bool IsCut => _cut;

    /// <summary>The oracle's: the number that a turn of the grain gave.</summary>
    public long NumberGiven { get; set; }

    /// <summary>The oracle's: the last activation need not know it.</summary>
    public bool IsUnknown
    {
        get => _isUnknown;
        set
        {
            if (value || _isUnknown)
            {
                CertainSince = cluster.Now;
            }

            _isUnknown = value;
        }
    }

    /// <summary>The oracle's: when that changed last.</summary>
    public TimeSpan CertainSince { get; private set; }

    /// <summary>The oracle's: it got a number that is not greater than one that a lost activation gave.</summary>
    public bool HasLowNumber { get; set; }

    /// <summary>The oracle's: its grain was told that it is over, or to kick it.</summary>
    public bool ReportedDisconnect { get; set; }

    /// <summary>The oracle's: its grain knows that it drains.</summary>
    public bool RetiresAtGrain { get; set; }

    int IRouteTarget.InFlight => Queue.InFlight;

    bool IRouteTarget.HasEnded => Queue.HasEnded;

    public TakeResult Take(SimRequest request)
    {
        var mayTake = !Queue.HasEnded && !Queue.HasSuccessor;
        var result = Queue.Take(request);
        Invariant.Holds(result.Outcome != TakeOutcome.Taken || mayTake, "S2", $"{this} took {request} although it is over or has a successor");
        Write();
        return result;
    }

    public void Release(SimRequest request) => Queue.Release(request);

    public void Cancel() => Say("cancel");

    public void Say(string control)
    {
        if (Queue.TryEnqueue(control))
        {
            Write();
        }
    }

    /// <summary>Its process is asked to open another session.</summary>
    public void Retire()
    {
        if (!Queue.Retire("draining"))
        {
            return;
        }

        Write();
        Door.SendRetiring(this);
    }

    /// <summary>The connection breaks. Either side notices in its own time.</summary>
    public void Cut()
    {
        if (_cut || Queue.HasEnded)
        {
            return;
        }

        _cut = true;
        cluster.World.Note(Id.Value, $"{this}: its connection is cut");
        cluster.World.After(cluster.Random.Ms(0, 300), () => process.Hear(this, EndCause.AgentGone));
        cluster.World.After(cluster.Random.Ms(0, (int)_halfOpen.TotalMilliseconds), () => End(EndCause.AgentGone));
    }

    /// <summary>Its front door's process has died.</summary>
    public void Lose()
    {
        _cut = true;
        Queue.End(null, dropQueue: true);
        cluster.World.After(cluster.Random.Ms(0, 300), () => process.Hear(this, EndCause.AgentGone));
    }

    /// <summary>It ends, once. S2: what it had no response under way ends, a response under way goes on, what was not sent is routed again.</summary>
    public void End(EndCause cause)
    {
        var silent = cause is EndCause.AgentGone or EndCause.NotConnected;
        var goAway = silent || (cause == EndCause.Draining && Queue.IsRetiring) ? null : cause.ToString();
        if (Queue.End(goAway, dropQueue: silent) is not { } held)
        {
            return;
        }

        cluster.World.Note(Id.Value, $"{this} ends: {cause}");
        Door.Remove(this);
        foreach (var request in held)
        {
            request.SessionEnded(this);
        }

        Write();
        if (silent)
        {
            cluster.World.After(cluster.Random.Ms(0, 20), () => process.Hear(this, cause));
        }
        else if (goAway is null)
        {
            process.Hear(this, cause);
        }

        Door.ReportDisconnect(this, tried: 1);
    }

    // The one writer of the stream: what is written arrives in order, unless the connection is cut.
    private void Write()
    {
        while (!_writing && Queue.TryDequeue(out var request, out var control))
        {
            if (request is not null && !request.TrySend(this))
            {
                continue;
            }

            _writing = true;
            cluster.World.After(cluster.Random.Ms(0, cluster.Calm ? 1 : cluster.Faults.LongestWrite), () =>
            {
                _writing = false;
                if (!_cut && Door.IsUp)
                {
                    Arrive(request, control);
                }

                Write();
            });
        }
    }

    private void Arrive(SimRequest? request, string? control)
    {
        if (request is not null)
        {
            Agent.Deliver(request, this);
        }
        else if (control == "draining")
        {
            process.Connect();
        }
        else if (Enum.TryParse(control, out EndCause cause))
        {
            process.Hear(this, cause);
        }
    }

    public override string ToString() => $"{process}@{Door.Number}:{Id.ToString()[..4]}";
}
