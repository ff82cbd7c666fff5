using Switchboard.Core.Admission;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.Simulation.Model.ResponseMessage>;
using Step = Switchboard.Core.Requests.DispatchStep<Switchboard.Simulation.Model.DoorSession>;

namespace Switchboard.Simulation.Model;

/// <summary>A message of a response: which call sent it, and its place there.</summary>
internal sealed record ResponseMessage(SimResponse Call, int Index);

/// <summary>One request at its front door, and its caller. What the caller gets is judged in SimRequest.Caller.cs.</summary>
internal sealed partial class SimRequest : ISessionRequest<SimRequest>
{
    public const int WindowBytes = 250;

    private static readonly TimeSpan _idleTimeout = TimeSpan.FromSeconds(3);

    private readonly Cluster _cluster;
    private readonly LiveExchange<ISimHolder, ResponseMessage> _exchange;
    private readonly RequestDispatch<DoorSession> _dispatch;
    private readonly TimeSpan _arrived;
    private readonly TimeSpan _deadline;
    private bool _callerSideWaits;
    private int _offers;

    public SimRequest(Cluster cluster, Door door, Agent agent, ulong id)
    {
        (_cluster, Door, Number, Agent, Id) = (cluster, door, door.Number, agent, id);
        var random = cluster.Random;
        _arrived = cluster.Now;
        _deadline = _arrived + random.Ms(cluster.Calm ? 5000 : 20, cluster.Calm || random.Chance(700) ? 5000 : 400);
        CallerId = ("default", !cluster.Calm && random.Chance(200) ? $"c{random.Below(4)}" : "");
        Cost = random.Between(1, 1000);
        _goesAt = !cluster.Calm && random.Chance(cluster.Faults.CallerGone) ? _arrived + random.Ms(0, 3000) : null;
        _isSlow = !cluster.Calm && random.Chance(cluster.Faults.SlowCaller);
        _exchange = NewExchange(
            callerLate: random.Chance(200) ? _deadline : null, waitUntil: _arrived + (random.Chance(300) ? random.Ms(0, 3000) : TimeSpan.Zero));
        _dispatch = new RequestDispatch<DoorSession>(agent.Key, door.Number, door.Routes);
    }

    public ulong Id { get; }

    public Door Door { get; }

    /// <summary>The start of the front door that it came to.</summary>
    public ushort Number { get; }

    public Agent Agent { get; }

    public (string Tenant, string Id) CallerId { get; }

    public long Cost { get; }

    public object? InFlightAt { get; set; }

    public SimRequest? SessionPrevious { get; set; }

    public SimRequest? SessionNext { get; set; }

    public WaiterLists<AgentKey, SimRequest>.Entry? WaiterEntry { get; private set; }

    /// <summary>The oracle's: the session that counts it as in flight.</summary>
    public DoorSession? Holder { get; private set; }

    /// <summary>The oracle's: the session that wrote it to the agent.</summary>
    public DoorSession? SentTo { get; private set; }

    public Verdict? Verdict => _exchange.Verdict;

    public bool WasSent => _exchange.WasSent;

    public void Start()
    {
        LookAt(_exchange.FirstLook);
        if (_goesAt is { } at)
        {
            _cluster.World.At(at, CallerGone);
        }

        Dispatch();
    }

    /// <summary>Called by the writer of a session right before it writes the request.</summary>
    public bool TrySend(DoorSession session)
    {
        Effects effects = default;
        var sent = _exchange.TrySend(session, session.Id, _cluster.Now, ref effects);
        if (sent)
        {
            Invariant.Holds(SentTo is null, "R1", $"{this} is written a second time");
            Invariant.Holds(_cluster.Now < _deadline, "R1", $"{this} is written although its time is up");
            Invariant.Holds(!session.Queue.HasEnded && Holder == session, "S2", $"{this} is written by {session}, which may not");
            SentTo = session;
        }
        Do(effects);
        return sent;
    }

    /// <summary>S2: of what was written to it, what had not begun its response ends with the session.</summary>
    public void SessionEnded(DoorSession session)
    {
        bool written = SentTo == session, begun = _exchange.FirstMessageAt is not null;
        var before = Verdict;
        Holder = null;
        Effects effects = default;
        _exchange.SessionEnded(session, session.Id, _cluster.Now, ref effects);
        Do(effects);
        if (before is null && written && !begun)
        {
            Invariant.Holds(Verdict == Core.Requests.Verdict.AgentDisconnected, "S2", $"{this} was written to {session}, which has ended: {Verdict}");
        }
        else
        {
            Invariant.Holds(Verdict == before, "S2", $"{this} ended {Verdict} with {session}, although it had a response or was not written");
        }

        Invariant.Holds(written || Verdict is not null || !_callerSideWaits, "R4", $"{this} came back unsent from {session}, and its caller's side sleeps");
    }

    public void AgentCame()
    {
        Effects effects = default;
        _exchange.AgentCame(ref effects);
        Do(effects);
        Invariant.Holds(Verdict is not null || Holder is not null || !_callerSideWaits, "R4", $"{this} waits for its agent, which has come, and sleeps on");
    }

    public void End(Verdict verdict, string detail)
    {
        Effects effects = default;
        _exchange.End(verdict, detail, _cluster.Now, ref effects);
        Do(effects);
    }

    public BeginResponseOutcome BeginResponse(SimResponse call, SessionId session)
    {
        Effects effects = default;
        var outcome = _exchange.BeginResponse(session, call, _cluster.Now, ref effects);
        var granted = outcome is BeginResponseOutcome.Granted or BeginResponseOutcome.GrantedInsteadOf;
        Invariant.Holds(!granted || session == SentTo?.Id, "R2", $"{this} gets a response of {session}, and was sent to {SentTo}");
        Invariant.Holds(!granted || _exchange.FirstMessageAt is null, "R2", $"{this} gets a second response call after the first has begun");
        if (granted)
        {
            _responses.Add(call);
        }

        Do(effects);
        return outcome;
    }

    public PushOutcome Push(ResponsePipe<ResponseMessage> call, ResponseMessage message, int size)
    {
        Effects effects = default;
        var outcome = _exchange.Push(call, message, size, _cluster.Now, ref effects);
        Invariant.Holds(call.Held < WindowBytes + SimResponse.LongestMessage, "R6", $"{this} holds {call.Held} bytes of its response");
        Do(effects);
        return outcome;
    }

    public bool Complete(ResponsePipe<ResponseMessage> call)
    {
        Effects effects = default;
        var waits = _exchange.Complete(call, ref effects);
        Do(effects);
        return waits;
    }

    public void Cut(ResponsePipe<ResponseMessage> call, ResponseCallResult how)
    {
        Effects effects = default;
        _exchange.Cut(call, how, how.ToString(), _cluster.Now, ref effects);
        Do(effects);
    }

    // The caller's side, in order: as RequestForwarder does it.
    private void Dispatch()
    {
        if (_from is not null)
        {
            EndHanded();
        }
        else if (IsOver())
        {
            Return();
        }
        else
        {
            Take(_dispatch.Begin(_cluster.Now));
        }
    }

    private void Take(Step step, bool hasPaused = false)
    {
        while (!IsOver())
        {
            switch (step.Action)
            {
                case DispatchAction.AskGrain:
                    AskGrain();
                    return;
                case DispatchAction.Offer or DispatchAction.EnterWait when !hasPaused && !_cluster.Calm && _cluster.Random.Chance(100):
                    // Another thread runs first: what was found out may have changed when this one goes on.
                    var found = step;
                    _cluster.World.After(_cluster.Random.Ms(0, 40), () =>
                    {
                        if (!IsOut)
                        {
                            Take(found, hasPaused: true);
                        }
                    });
                    return;
                case DispatchAction.Offer:
                    hasPaused = false;
                    CountOffer();
                    var result = Offer(step.Target!.Local);
                    step = _dispatch.Offered(step.Target, result, _cluster.Now);
                    if (step.Action != DispatchAction.Taken)
                    {
                        break;
                    }

                    LeaveWait();
                    Relay();
                    return;
                case DispatchAction.EnterWait:
                    hasPaused = false;
                    if (Door.Arrivals.Add(Agent.Key, this, out var entry) != AddWaiterOutcome.Added)
                    {
                        End(Core.Requests.Verdict.Overloaded, "as many wait as may");
                        break;
                    }
                    WaiterEntry = entry;
                    _offers = 0;
                    BeginWait();
                    step = _dispatch.Entered(Door.IsStopping, _cluster.Now);
                    break;
                case DispatchAction.Wait:
                    _offers = 0;
                    BeginWait();
                    Relay();
                    return;
                case DispatchAction.HandOver:
                    CountOffer();
                    if (!HandOver(step.Target!))
                    {
                        break;
                    }

                    Relay();
                    return;
                default:
                    End(step.Verdict, step.Detail ?? step.Refusal.Limit.ToString());
                    break;
            }
        }
        LeaveWait();
        Return();
    }

    private void AskGrain()
    {
        var refused = _dispatch.RefusedSession;
        _cluster.World.Note(Id, $"{this} asks where {Agent} is");
        Door.Call(
            Agent,
            sessions =>
            {
                if (refused != 0)
                {
                    Agent.Oracle.Disconnected(Agent.Find(new SessionId(refused))!);
                    sessions.Gone(new SessionId(refused));
                }
                return sessions.Route();
            },
            mayDouble: true,
            found =>
            {
                if (IsOut)
                {
                    return;
                }

                _cluster.World.Note(Id, $"{this} is told where {Agent} is: {string.Join(", ", found.Select(known => known.Entry.Session))}");
                if (IsOver())
                {
                    Return();
                    return;
                }
                RouteTo<DoorSession>[] targets = [.. found.Select(known => new RouteTo<DoorSession>(
                    known.Entry.FrontDoor, known.Entry.Session.Value,
                    known.Entry.FrontDoor == Door.Number ? Door.Find(known.Entry.Session) : null))];
                Take(_dispatch.Routed(
                    targets, Agent.Policy == SessionPolicy.Pool, _exchange.WaitsForAgent(_cluster.Now), WaiterEntry is not null, Door.IsStopping,
                    _cluster.Now));
            },
            () =>
            {
                End(Core.Requests.Verdict.Internal, "the agent's session could not be looked up");
                LeaveWait();
                Return();
            });
    }

    private TakeResult Offer(DoorSession? session)
    {
        if (session is null || !_exchange.Assign(session, _cluster.Now))
        {
            return new TakeResult(TakeOutcome.NotThere);
        }

        Holder = session;
        var result = session.Take(this);
        if (result.Outcome != TakeOutcome.Taken)
        {
            _exchange.Unassign(session);
            Holder = null;
        }
        return result;
    }

    private void BeginWait()
    {
        if (_exchange.BeginWait(_cluster.Now) is { } due)
        {
            LookAt(due);
        }
    }

    private void LeaveWait()
    {
        if (WaiterEntry is not { } entry)
        {
            return;
        }

        Door.Arrivals.Remove(entry);
        WaiterEntry = null;
    }

    private bool IsOver()
    {
        Effects effects = default;
        var over = _exchange.IsOver(_cluster.Now, ref effects);
        Do(effects);
        return over;
    }

    // The one timer of a front door fires a little late, never early.
    private void LookAt(TimeSpan due) => _cluster.World.At(due + _cluster.Random.Ms(0, 20), () =>
    {
        if (IsOut)
        {
            return;
        }

        Effects effects = default;
        var again = _exchange.Look(_cluster.Now, ref effects);
        Do(effects);
        if (again is { } next && !IsOut)
        {
            LookAt(next);
        }
    });

    // What a change entails, in the order in which LiveRequest does it: nothing is left of it when its caller is woken.
    private void Do(in Effects effects)
    {
        Door.HeldBytes += effects.Held;
        if (effects.Ended)
        {
            _exchange.Session?.Release(this);
            Holder = null;
            LeaveWait();
            if (_exchange.OwesCancel)
            {
                _exchange.Session?.Cancel();
            }

            Door.Closed(this);
            _cluster.World.Note(Id, $"{this} ends: {Verdict} ({_exchange.Detail})");
        }
        if (effects.WakeCaller)
        {
            Invariant.Holds(_callerSideWaits, "R1", $"the caller's side of {this} is woken and does not wait");
            _callerSideWaits = false;
            _cluster.World.After(_cluster.Random.Ms(0, _cluster.Calm ? 0 : _cluster.Random.Chance(100) ? 50 : 2), Relay);
        }
        effects.SignalResponses();
        if (effects.CutCaller)
        {
            CutCaller();
        }
    }

    public override string ToString() => $"{Id:x16}";
}
