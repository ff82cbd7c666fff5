using Switchboard.Core.Requests;
using Switchboard.Core.Tasks;

namespace Switchboard.Simulation.Model;

/// <summary>
/// A caller's task at its front door: it registers, submits, and is woken once, by its outcome, its deadline, or its caller that leaves.
/// </summary>
internal sealed class SimTask
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    // How long past the deadline the truth about a task may take.
    private static readonly TimeSpan _lastWord = TimeSpan.FromMilliseconds(250);

    private static readonly SimTask _nobody = new();

    private readonly Cluster _cluster = null!;
    private readonly TimeSpan _arrived;
    private readonly int _start;
    private SubmitResult _refusal;
    private (Verdict Verdict, ulong Result)? _outcome;
    private bool _woken;
    private bool _isLate;
    private bool _ended;

    public SimTask(Cluster cluster, Door door)
    {
        (_cluster, Door, _arrived, _start) = (cluster, door, cluster.Now, door.Number);
        if (!cluster.Calm && cluster.Random.Chance(cluster.Faults.CallerGone))
        {
            cluster.World.After(cluster.Random.Ms(0, 1500), () => Wake(TaskWake.CallerGone));
        }

        cluster.World.At(_arrived + Timeout + cluster.Random.Ms(0, 25), () => Wake(TaskWake.Deadline));
    }

    private SimTask() => Door = null!;

    public Door Door { get; }

    public ulong Id { get; private set; }

    /// <summary>The oracle's: it waits under its id.</summary>
    public bool IsRegistered { get; set; }

    /// <summary>The oracle's: how often an applier has begun it, under any of its ids.</summary>
    public int Applied { get; set; }

    /// <summary>Its caller was told that it was not applied.</summary>
    public bool WasToldUnapplied { get; private set; }

    public int Size { get; private set; }

    private bool IsAlive => Door.IsUp && Door.Number == _start;

    public void Try()
    {
        Id = _cluster.Take(Door.Ids.Next(), Door);
        Size = _cluster.Random.Between(1, 100);
        var left = Timeout - (_cluster.Now - _arrived);
        if (left <= TimeSpan.Zero)
        {
            End(new TaskEnd(Verdict.ExpiredUnsent, false));
            return;
        }
        switch (Door.Tasks.Register(Id, this))
        {
            case RegisterOutcome.Registered:
                IsRegistered = true;
                break;
            case RegisterOutcome.Full:
                End(new TaskEnd(Verdict.Overloaded, false));
                return;
            default:
                Invariant.Holds(false, "T3", $"the id {Id:x16} is new, and was refused");
                return;
        }
        Invariant.Holds(Door.Tasks.Register(Id, _nobody) == RegisterOutcome.DuplicateId, "T3", $"task {Id:x16} was registered twice");
        var id = Id;
        _cluster.Network.Call<SubmitOutcome>(
            reply => reply(_cluster.Queue.Submit(this, id, left)),
            mayDouble: false,
            submitted =>
            {
                _refusal = submitted.Result;
                if (submitted.Result is not (SubmitResult.Accepted or SubmitResult.ExpiredAlready))
                {
                    Wake(TaskWake.Refused);
                }
            },
            () => Wake(TaskWake.SubmitFailed));
    }

    /// <summary>The queue's outcome, for whom it was meant.</summary>
    public void Complete(Verdict verdict, ulong result)
    {
        Invariant.Holds(_outcome is null, "T3", $"task {Id:x16} has two outcomes");
        Invariant.Holds(verdict != Verdict.Answered || (result == Id && Applied == 1), "T2", $"task {Id:x16} got the result of {result:x16}");
        _outcome = (verdict, result);
        Wake(TaskWake.Outcome);
        if (_isLate)
        {
            End(TaskEnd.Of(verdict));
        }
    }

    public void Wake(TaskWake why)
    {
        if (_woken || !IsAlive)
        {
            return;
        }

        _woken = true;
        switch (why)
        {
            case TaskWake.Outcome:
                _cluster.World.After(TimeSpan.Zero, () => End(TaskEnd.Of(_outcome!.Value.Verdict)));
                break;
            case TaskWake.Refused:
                End(TaskEnd.Of(_refusal) ?? new TaskEnd(Verdict.Internal, false));
                break;
            default:
                FindTruth(why);
                break;
        }
    }

    // Only the queue knows whether it has begun.
    private void FindTruth(TaskWake why)
    {
        var asked = false;
        var id = Id;
        void Withdrawn(WithdrawResult? withdrawn)
        {
            if (asked || !IsAlive)
            {
                return;
            }

            asked = true;
            if (TaskEnd.Of(why, withdrawn) is { } end)
            {
                End(end);
                return;
            }
            if (_outcome is { } known)
            {
                End(TaskEnd.Of(known.Verdict));
                return;
            }
            _isLate = true;
            _cluster.World.After(_lastWord, () => End(TaskEnd.Lost(why)));
        }
        _cluster.Network.Call<WithdrawResult>(
            reply => reply(_cluster.Queue.Withdraw(id)), mayDouble: true, result => Withdrawn(result), () => Withdrawn(null));
        _cluster.World.After(_lastWord, () => Withdrawn(null));
    }

    // T4, and the truth: what its caller is told was not applied never is, and the caller of what began hears so.
    private void End(TaskEnd end)
    {
        if (_ended || !IsAlive)
        {
            return;
        }

        _ended = true;
        var given = Door.Tasks.GiveUp(Id, this);
        Invariant.Holds(given == IsRegistered, "T3", $"task {Id:x16} gave its place up: {given}");
        IsRegistered = false;
        Door.Closed(this);
        _cluster.Count($"task {end.Verdict}");
        _cluster.World.Note(Id, $"task {Id:x16} is told {end.Verdict}, begun: {end.Begun}");
        WasToldUnapplied = end.Begun == false;
        Invariant.Holds(!WasToldUnapplied || Applied == 0, "T4", $"task {Id:x16} ended {end.Verdict}, not begun, and was applied");
        Invariant.Holds(
            end.Verdict is not (Verdict.Answered or Verdict.ApplierFailed) || (Applied == 1 && end.Begun == true), "T2",
            $"task {Id:x16} ended {end.Verdict} and was applied {Applied} times");
        Invariant.Holds(
            Applied == 0 || end.Verdict is Verdict.Answered or Verdict.ApplierFailed or Verdict.TaskOutcomeUnknown or Verdict.CallerCancelled, "T4",
            $"task {Id:x16} has begun, and its caller is told {end.Verdict}");
    }
}
