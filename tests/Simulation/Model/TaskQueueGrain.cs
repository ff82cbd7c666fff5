using Switchboard.Core.Requests;
using Switchboard.Core.Tasks;

namespace Switchboard.Simulation.Model;

/// <summary>One queue, whose activation is lost now and then, and its applier. Its oracle keeps a plain list of what waits.</summary>
internal sealed class TaskQueueGrain
{
    private readonly Cluster _cluster;
    private readonly List<Waiting> _waiting = [];
    private TaskPump<Waiting> _pump = null!;
    private Waiting? _applying;
    private long _lastPosition;
    private long _begunPosition;
    private int _activation;
    private bool _pumping;
    private bool _stopped;

    public TaskQueueGrain(Cluster cluster)
    {
        _cluster = cluster;
        Activate();
    }

    private static long CapacityBytes => 300;

    /// <summary>A front door submits a task.</summary>
    public SubmitOutcome Submit(SimTask task, ulong id, TimeSpan left)
    {
        var now = _cluster.Now;
        var waiting = new Waiting(task, id, now + left);
        var expected = _stopped ? SubmitResult.Stopped
            : _waiting.Count >= _cluster.Faults.QueueCapacity || _waiting.Sum(w => w.Task.Size) + task.Size > CapacityBytes ? SubmitResult.Full
            : SubmitResult.Accepted;
        var outcome = _pump.Submit(id, waiting, waiting.ExpiresAt, now);
        if (expected == SubmitResult.Stopped && outcome.Result == SubmitResult.Full)
        {
            expected = SubmitResult.Full;
        }

        Invariant.Holds(outcome.Result == expected, "T3", $"task {id:x16}: {outcome.Result}, and {expected} was expected");
        if (outcome.Result != SubmitResult.Accepted)
        {
            return outcome;
        }

        Invariant.Holds(outcome.Position == ++_lastPosition, "T2", $"task {id:x16} got position {outcome.Position}, not {_lastPosition}");
        waiting.Position = outcome.Position;
        _waiting.Add(waiting);
        _cluster.World.Note(id, $"task {id:x16} waits at {outcome.Position}");
        // T3: what is in the queue is not taken again.
        Invariant.Holds(
            _pump.Submit(id, waiting, waiting.ExpiresAt, now).Result is SubmitResult.Duplicate or SubmitResult.Full, "T3", $"task {id:x16} was taken twice");
        // T2: nothing begins while a task is being applied, whoever asks.
        Invariant.Holds(
            _applying is null || _pump.Next(now) is { Task: null, Expired.Count: 0 }, "T2", $"the queue begins another task while one is applied");
        StartPump();
        return outcome;
    }

    /// <summary>T4: what waits can be taken back, what has begun cannot.</summary>
    public WithdrawResult Withdraw(ulong id)
    {
        var expected = _applying?.Id == id ? WithdrawResult.Begun
            : _waiting.RemoveAll(w => w.Id == id) > 0 ? WithdrawResult.Withdrawn
            : WithdrawResult.Unknown;
        var result = _pump.Withdraw(id);
        Invariant.Holds(result == expected, "T4", $"task {id:x16} is withdrawn: {result}, and {expected} was expected");
        return result;
    }

    /// <summary>The activation goes: in good order, when it ends what waits, or with its silo.</summary>
    public void Lose()
    {
        if (_stopped)
        {
            return;
        }

        _cluster.World.Note(4, $"the queue's activation is lost");
        if (_cluster.Random.Chance(500))
        {
            Activate();
            return;
        }
        _stopped = true;
        var waited = _pump.Stop();
        Invariant.Holds(waited.Select(w => w.Payload).SequenceEqual(_waiting), "T2", $"a queue that stops has named others than waited");
        foreach (var task in waited)
        {
            Post(task.Payload, Verdict.Draining);
        }

        _waiting.Clear();
        var mine = _activation;
        _cluster.World.After(_cluster.Random.Ms(0, 100), () =>
        {
            if (mine != _activation)
            {
                return;
            }

            Invariant.Holds(_pump.Owed == _applying, "T4", $"a queue that stops has forgotten what it applies");
            if (_pump.GiveUp() is { } owed)
            {
                Post(owed, Verdict.TaskOutcomeUnknown);
            }

            Activate();
        });
    }

    public void CheckStep()
    {
        Invariant.Holds(_pump.Count == _waiting.Count, "T2", $"the queue has {_pump.Count} tasks that wait, not {_waiting.Count}");
        Invariant.Holds(_pump.Count <= _cluster.Faults.QueueCapacity, "R5", $"{_pump.Count} tasks wait");
        Invariant.Holds(_pump.WaitingBytes == _waiting.Sum(w => w.Task.Size), "R5", $"{_pump.WaitingBytes} bytes of tasks wait");
        Invariant.Holds(_pump.IsBusy == _applying is not null, "T2", $"the queue is busy, or not, otherwise than its applier");
    }

    public void CheckRest() => Invariant.Holds(_waiting.Count == 0 && _applying is null, "T2", $"the queue has something at rest");

    private void Activate()
    {
        _activation++;
        _pump = new TaskPump<Waiting>(_cluster.Faults.QueueCapacity, CapacityBytes, w => w.Task.Size);
        _waiting.Clear();
        (_applying, _lastPosition, _begunPosition, _pumping, _stopped) = (null, 0, 0, false, false);
    }

    private void StartPump()
    {
        if (_pumping)
        {
            return;
        }

        _pumping = true;
        var mine = _activation;
        _cluster.World.After(TimeSpan.Zero, () => ApplyNext(mine));
    }

    private void ApplyNext(int mine)
    {
        if (mine != _activation)
        {
            return;
        }

        var now = _cluster.Now;
        var begun = _pump.Next(now);
        foreach (var expired in begun.Expired)
        {
            Invariant.Holds(now >= expired.Payload.ExpiresAt, "T4", $"task {expired.Id:x16} was skipped before its time was up");
            _waiting.Remove(expired.Payload);
            Post(expired.Payload, Verdict.ExpiredUnsent);
        }
        if (begun.Task is not { Payload: var task })
        {
            _pumping = false;
            return;
        }
        Invariant.Holds(_applying is null, "T2", $"task {task.Id:x16} begins while another is applied");
        Invariant.Holds(_waiting.Count > 0 && _waiting[0] == task && task.Position > _begunPosition, "T2", $"task {task.Id:x16} begins out of turn");
        Invariant.Holds(now < task.ExpiresAt, "T4", $"task {task.Id:x16} begins after its time was up");
        Invariant.Holds(!task.Task.WasToldUnapplied, "T4", $"task {task.Id:x16} begins after its caller was told that it was not applied");
        Invariant.Holds(++task.Task.Applied == 1, "T2", $"task {task.Id:x16} begins a second time");
        _waiting.RemoveAt(0);
        (_applying, _begunPosition) = (task, task.Position);
        _cluster.World.Note(task.Id, $"task {task.Id:x16} begins");
        var fails = _cluster.Random.Chance(50);
        _cluster.World.After(_cluster.Random.Ms(0, _cluster.Random.Chance(100) ? 3000 : 200), () => Applied(mine, task, fails));
    }

    private void Applied(int mine, Waiting task, bool fails)
    {
        if (mine != _activation)
        {
            return;
        }

        _applying = null;
        if (_pump.Complete(task.Id))
        {
            Post(task, fails ? Verdict.ApplierFailed : Verdict.Answered);
        }

        ApplyNext(mine);
    }

    // Outcomes may be lost, or come twice.
    private void Post(Waiting task, Verdict verdict)
    {
        var door = task.Task.Door;
        var start = door.Number;
        for (var i = _cluster.Calm || !_cluster.Random.Chance(_cluster.Faults.Doubling) ? 1 : 2; i > 0; i--)
        {
            _cluster.Network.Send(() =>
            {
                if (door.IsUp && door.Number == start)
                {
                    door.Complete(task.Id, verdict, task.Id);
                }
            });
        }
    }

    internal sealed record Waiting(SimTask Task, ulong Id, TimeSpan ExpiresAt)
    {
        public long Position { get; set; }
    }
}
