using Switchboard.Core.Admission;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Simulation.Model;

/// <content>What it keeps of callers' requests and tasks.</content>
internal sealed partial class Door
{
    private const int MaxRequests = 40;
    private const int MaxWaiting = 10;
    private const int MaxTasks = 10;

    // The oracle's own list of what is under way: entered, and not ended.
    private readonly List<SimRequest> _open = [];
    private readonly List<SimTask> _tasks = [];

    public InFlightTable<SimRequest, Verdict> Books { get; private set; } = null!;

    public RouteCache<DoorSession> Routes { get; private set; } = null!;

    public WaiterLists<AgentKey, SimRequest> Arrivals { get; private set; } = null!;

    public PendingReplies<SimTask> Tasks { get; private set; } = null!;

    /// <summary>Bytes of responses that wait here for their callers.</summary>
    public long HeldBytes { get; set; }

    /// <summary>A caller sends a request. Null: nobody takes it.</summary>
    public SimRequest? Send(Agent agent)
    {
        if (!IsUp || IsStopping)
        {
            return null;
        }

        var request = new SimRequest(_cluster, this, agent, _cluster.Take(Ids.Next(), this));
        var outcome = Books.TryAdd(request.Id, request.CallerId, request);
        var expected = request.CallerId.Id.Length > 0 && _open.Exists(r => r.CallerId == request.CallerId) ? RegistrationOutcome.CallerIdInUse
            : _open.Count >= MaxRequests ? RegistrationOutcome.Full
            : RegistrationOutcome.Added;
        Invariant.Holds(outcome == expected, "T3", $"{request}: {outcome}, and {expected} was expected");
        if (outcome != RegistrationOutcome.Added)
        {
            _cluster.Count($"request refused {outcome}");
            return null;
        }
        _open.Add(request);
        request.Start();
        return request;
    }

    /// <summary>Another front door hands a request to a session of this one. Null: it goes back.</summary>
    public SimRequest? TakeHanded(SimHop hop, SimRequest origin)
    {
        if (KnowsGone(hop.OwnerNumber) || Find(hop.Id) is not { } session)
        {
            hop.Reply(HopEvent.NoSuchSession);
            return null;
        }

        var request = SimRequest.OfHop(_cluster, this, origin, hop);
        var outcome = Books.TryAdd(request.Id, request.CallerId, request);
        Invariant.Holds(outcome != RegistrationOutcome.IdInUse, "R1", $"{request} is handed to front door {Number}, which has it");
        if (outcome != RegistrationOutcome.Added)
        {
            hop.Reply(HopEvent.EndedUnsent, Verdict.Overloaded);
            return null;
        }

        _open.Add(request);
        request.StartHanded(session);
        return request;
    }

    /// <summary>A caller gives a task to the queue.</summary>
    public void Submit()
    {
        if (!IsUp || IsStopping)
        {
            return;
        }

        var task = new SimTask(_cluster, this);
        _tasks.Add(task);
        task.Try();
    }

    /// <summary>R1: a request has ended, and nothing is left of it but its verdict.</summary>
    public void Closed(SimRequest request)
    {
        Invariant.Holds(Books.Remove(request.Id, request.CallerId, request), "R1", $"{request} has ended and was not in the books");
        Books.Keep(request.Id, request.Verdict!.Value);
        Invariant.Holds(_open.Remove(request), "R1", $"{request} has ended twice");
        Invariant.Holds(!Books.TryFind(request.Id, out _), "R1", $"{request} has ended and is still in the books");
    }

    public void Closed(SimTask task) => _tasks.Remove(task);

    public bool IsOpen(ulong id) => _open.Exists(r => r.Id == id);

    /// <summary>The outcome of a task has come. T3: a trigger is seen once, and only for what waits.</summary>
    public void Complete(ulong id, Verdict verdict, ulong result)
    {
        var waits = _tasks.Find(t => t.Id == id && t.IsRegistered);
        var found = Tasks.TryTrigger(id, out var task);
        Invariant.Holds(found == (waits is not null) && task == waits, "T3", $"task {id:x16}: {(found ? "found" : "not found")}");
        if (task is null)
        {
            return;
        }

        task.IsRegistered = false;
        task.Complete(verdict, result);
    }

    public void CheckStep()
    {
        if (!IsUp)
        {
            return;
        }

        Invariant.Holds(Books.Count == _open.Count, "R1", $"front door {Number} has {Books.Count} entries for {_open.Count} requests");
        Invariant.Holds(Books.Count <= MaxRequests, "R5", $"front door {Number} has {Books.Count} requests");
        Invariant.Holds(
            Books.CallerIds == _open.Count(r => r.CallerId.Id.Length > 0), "R1", $"front door {Number} keeps {Books.CallerIds} callers' ids");
        Invariant.Holds(Arrivals.Count == _open.Count(r => r.WaiterEntry is not null), "R1", $"front door {Number}: {Arrivals.Count} wait for agents");
        Invariant.Holds(Tasks.Count == _tasks.Count(t => t.IsRegistered), "T3", $"front door {Number} has {Tasks.Count} entries for tasks");
        foreach (var session in _sessions)
        {
            var held = _open.Count(r => r.Holder == session);
            Invariant.Holds(session.Queue.InFlight == held, "R1", $"{session} counts {session.Queue.InFlight} in flight and has {held}");
            Invariant.Holds(
                held <= _cluster.Faults.MaxInFlight && session.Queue.QueuedRequests <= _cluster.Faults.MaxInFlight, "R5",
                $"{session} has {held} in flight, {session.Queue.QueuedRequests} wait");
        }
    }

    public void CheckRest()
    {
        Invariant.Holds(_open.Count == 0, "R1", $"front door {Number}: {string.Join(", ", _open)} never ended");
        Invariant.Holds(_tasks.Count == 0, "T3", $"front door {Number}: {_tasks.Count} tasks never ended");
        Invariant.Holds(HeldBytes == 0, "R1", $"front door {Number} holds {HeldBytes} bytes of responses at rest");
        foreach (var session in _sessions)
        {
            Invariant.Holds(session.Queue is { InFlight: 0, Count: 0 }, "R1", $"{session} has something at rest");
        }

        CheckStep();
    }

    private void OpenBooks()
    {
        Books = new InFlightTable<SimRequest, Verdict>(MaxRequests, historySize: 8);
        Routes = new RouteCache<DoorSession>(capacity: 16);
        Arrivals = new WaiterLists<AgentKey, SimRequest>(MaxWaiting / 2, MaxWaiting);
        Tasks = new PendingReplies<SimTask>(MaxTasks);
        HeldBytes = 0;
        _open.Clear();
        _tasks.Clear();
    }

    private void EndWaiting()
    {
        foreach (var request in Arrivals.All())
        {
            request.End(Verdict.Draining, "the gateway is stopping");
        }
    }

    private void EndAll()
    {
        foreach (var request in Books.Snapshot())
        {
            request.End(request.WasSent ? Verdict.AgentDisconnected : Verdict.Draining, "the gateway is stopping");
        }

        foreach (var task in Tasks.Snapshot())
        {
            task.Wake(Core.Tasks.TaskWake.Stopping);
        }
    }
}
