using Switchboard.Core.Agents;
using Switchboard.Core.Requests;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.Simulation.Model.ResponseMessage>;

namespace Switchboard.Simulation.Model;

/// <content>A request that another front door sends on to its session: both sides of that, as PeerHop and HandedRequests do it.</content>
internal sealed partial class SimRequest
{
    private static readonly TimeSpan _beforeCaller = TimeSpan.FromMilliseconds(5);

    private readonly List<SimHop> _hops = [];

    // At the front door that holds the session: the way that it came, and the request there.
    private readonly SimHop? _from;
    private readonly SimRequest? _origin;
    private bool _cameBackUnsent;

    private SimRequest(Cluster cluster, Door door, SimRequest origin, SimHop from)
    {
        (_cluster, Door, Number, Agent, Id) = (cluster, door, door.Number, origin.Agent, origin.Id);
        (_from, _origin, Cost) = (from, origin, origin.Cost);
        CallerId = ("default", "");
        _arrived = cluster.Now;
        _deadline = origin._deadline - _beforeCaller;
        _exchange = NewExchange(callerLate: null, waitUntil: TimeSpan.Zero);
        _dispatch = new RequestDispatch<DoorSession>(Agent.Key, door.Number, door.Routes);
    }

    private SimHop? LastHop => _hops.Count > 0 ? _hops[^1] : null;

    // The oracle's: was it written to an agent, here or where it was handed to?
    private bool WasWritten => SentTo is not null || _hops.Exists(static hop => hop.Handed?.SentTo is not null);

    // The verdict is the other front door's, which is judged there.
    private bool WasToldByHolder =>
        LastHop is { EndedBy: HopEvent.EndedSent or HopEvent.EndedUnsent, Handed: { } handed } && handed.Verdict == Verdict;

    private bool WasLostOnItsWay => LastHop is { EndedBy: HopEvent.Lost or HopEvent.Gone };

    /// <summary>A request that came from another front door.</summary>
    public static SimRequest OfHop(Cluster cluster, Door door, SimRequest origin, SimHop from) => new(cluster, door, origin, from);

    /// <summary>Offers it to its session, and to no other.</summary>
    public void StartHanded(DoorSession session)
    {
        LookAt(_exchange.FirstLook);
        if (!IsOver())
        {
            var result = Offer(session);
            if (result.Outcome == TakeOutcome.Taken)
            {
                Relay();
                return;
            }

            if (result.Outcome == TakeOutcome.Overloaded || !session.Queue.HasEnded)
            {
                End(Core.Requests.Verdict.Overloaded, "it takes no more, or nothing new");
            }
        }

        EndHanded();
    }

    /// <summary>At the front door that holds the session: the way back is lost, or was reset.</summary>
    public void HopLost() => CallerGone();

    /// <summary>At the caller's front door, right before it goes on its way.</summary>
    public bool TryHandOver(SimHop hop)
    {
        Effects effects = default;
        var goes = _exchange.TrySend(hop, hop.Id, _cluster.Now, ref effects);
        Do(effects);
        return goes;
    }

    /// <summary>The first of a response comes by a hop. Null: the request has ended.</summary>
    public HopResponse? TryBeginHopResponse(SimHop hop, HopResponse response)
    {
        Effects effects = default;
        var outcome = _exchange.BeginResponse(hop.Id, response, _cluster.Now, ref effects);
        Do(effects);
        return outcome == BeginResponseOutcome.Granted ? response : null;
    }

    /// <summary>A hop has ended, and not well.</summary>
    public void HopEnded(SimHop hop, HopEvent happened, Verdict verdict, HopResponse? response)
    {
        var outcome = HopRule.Decide(happened, verdict, responding: response is not null);
        _cluster.World.Note(Id, $"{this}: its way to front door {hop.Number} ended: {happened} {verdict}, {outcome}");
        _cluster.Count($"hop {happened}");
        Effects effects = default;
        switch (outcome.Action)
        {
            case HopAction.RouteAgain:
                WasPassedOver |= outcome.Verdict != Core.Requests.Verdict.AgentOffline;
                _dispatch.CameBack(hop.Id.Value, outcome.Verdict, $"{happened}");
                _exchange.TakeBack(hop, hop.Id, ref effects);
                break;
            case HopAction.End when outcome.Sent:
                _exchange.End(outcome.Verdict, $"{happened}", _cluster.Now, ref effects);
                break;
            case HopAction.End:
                _exchange.EndUnsent(hop, hop.Id, outcome.Verdict, $"{happened}", _cluster.Now, ref effects);
                break;
            default:
                if (response is not null)
                {
                    Cut(response, ResponseCallResult.BrokeOff);
                }

                _exchange.HolderLost(hop, hop.Id, $"{happened}", _cluster.Now, ref effects);
                break;
        }

        Do(effects);
        Invariant.Holds(Verdict is not null || !_callerSideWaits, "R4", $"{this} came back by {happened}, and its caller's side sleeps");
    }

    private LiveExchange<ISimHolder, ResponseMessage> NewExchange(TimeSpan? callerLate, TimeSpan waitUntil) => new(new ExchangeTerms
    {
        Arrived = _arrived,
        Deadline = _deadline,
        CallerLate = callerLate,
        WaitForAgentUntil = waitUntil,
        IdleTimeout = _idleTimeout,
        ResponseWindowBytes = WindowBytes,
    });

    // Here or over a hop.
    private void CountOffer() => Invariant.Holds(
        ++_offers <= RequestDispatch<DoorSession>.MaxTries || Agent.Policy == SessionPolicy.Pool, "R4",
        $"{this} is offered to a session for the {_offers}th time");

    // True: it goes, and the caller's side waits for what becomes of it.
    private bool HandOver(RouteTo<DoorSession> target)
    {
        LeaveWait();
        var hop = new SimHop(_cluster, this, target.FrontDoor, new SessionId(target.SessionId));
        if (!_exchange.Assign(hop, _cluster.Now))
        {
            return false;
        }

        _hops.Add(hop);
        hop.Run();
        return true;
    }

    // The other front door is told what became of it; what came back unsent, it routes again.
    private void EndHanded()
    {
        if (IsOut)
        {
            return;
        }

        if (Verdict is null)
        {
            End(Core.Requests.Verdict.AgentOffline, "its session ended");
            _cameBackUnsent = true;
        }

        Return();
        _from!.Reply(
            Verdict == Core.Requests.Verdict.Answered ? null
                : _cameBackUnsent ? HopEvent.NoSuchSession
                : WasSent ? HopEvent.EndedSent : HopEvent.EndedUnsent,
            Verdict!.Value);
    }
}
