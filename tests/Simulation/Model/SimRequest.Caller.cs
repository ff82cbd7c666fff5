using Switchboard.Core.Agents;
using Switchboard.Core.Requests;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.Simulation.Model.ResponseMessage>;

namespace Switchboard.Simulation.Model;

/// <content>The caller: what it reads, how it leaves, and what it is told at the end.</content>
internal sealed partial class SimRequest
{
    private readonly List<ResponseMessage> _received = [];
    private readonly TimeSpan? _goesAt;
    private readonly bool _isSlow;
    private readonly List<SimResponse> _responses = [];
    private bool _hasEmptyResponse;
    private bool _cutCaller;
    private bool _writesToCaller;
    private bool _callerHasGone;

    /// <summary>Has the caller its verdict?</summary>
    public bool HasReturned { get; private set; }

    /// <summary>It is over here; or its process has died: the caller's connection breaks, and nobody owes it a verdict.</summary>
    public bool IsOut => HasReturned || !Door.IsUp || Door.Number != Number;

    /// <summary>It has ended, and its caller was told that no agent has seen it.</summary>
    public bool WasToldUnsent => _origin?.WasToldUnsent ?? (HasReturned && !WasSent);

    /// <summary>Another front door had the session, or one of them.</summary>
    public bool WasPassedOver { get; private set; }

    private void CallerGone()
    {
        if (IsOut)
        {
            return;
        }

        _callerHasGone = true;
        Effects effects = default;
        _exchange.CallerGone(_cluster.Now, ref effects);
        Do(effects);
        if (_writesToCaller)
        {
            WriteFails();
        }
    }

    private void CutCaller()
    {
        _cutCaller = true;
        if (_writesToCaller)
        {
            WriteFails();
        }
    }

    // The caller's stream throws, as streams do whose callers have gone.
    private void WriteFails()
    {
        _writesToCaller = false;
        Effects effects = default;
        _exchange.CallerGone(_cluster.Now, ref effects);
        Do(effects);
        Leave();
    }

    private void Leave()
    {
        if (_from is not null)
        {
            EndHanded();
        }
        else
        {
            Return();
        }
    }

    private void Relay()
    {
        if (IsOut)
        {
            return;
        }

        Effects effects = default;
        ResponsePart<ResponseMessage> part;
        while (!_exchange.TryRead(out part, _cluster.Now, ref effects))
        {
            if (_exchange.AgentsTurn(_cluster.Now))
            {
                continue;
            }

            _callerSideWaits = true;
            Invariant.Holds(WaiterEntry is null || Holder is not null || Here() is null, "R4", $"{this} waits for its agent, and {Here()} is here");
            return;
        }
        Do(effects);
        switch (part.Kind)
        {
            case ResponsePartKind.First or ResponsePartKind.Next:
                WriteToCaller(part);
                break;
            case ResponsePartKind.Complete:
                effects = default;
                _exchange.ResponseDelivered(_cluster.Now, ref effects);
                Do(effects);
                Dispatch();
                break;
            default:
                Dispatch();
                break;
        }
    }

    private void WriteToCaller(ResponsePart<ResponseMessage> part)
    {
        _writesToCaller = true;
        if (_callerHasGone)
        {
            WriteFails();
            return;
        }

        if (_from is { } from)
        {
            from.Pass(part.Message, () => Written(part));
            return;
        }

        // Some callers stop reading for good.
        if (_isSlow && _cluster.Random.Chance(100))
        {
            return;
        }

        _cluster.World.After(_cluster.Random.Ms(0, _isSlow ? 800 : 3), () => Written(part));
    }

    private void Written(ResponsePart<ResponseMessage> part)
    {
        if (!_writesToCaller || IsOut)
        {
            return;
        }

        _writesToCaller = false;
        if (part.Message is { } message)
        {
            _received.Add(message);
        }
        else
        {
            _hasEmptyResponse = true;
        }

        Relay();
    }

    private void Return()
    {
        if (IsOut)
        {
            return;
        }

        Invariant.Holds(_exchange.State == RequestState.Ended, "R1", $"{this} comes back to its caller without a verdict");
        Invariant.Holds(!Door.IsOpen(Id), "R1", $"{this} comes back to its caller and is still open");
        HasReturned = true;
        _cluster.Count($"request {Verdict}");
        _cluster.World.Note((ulong)Verdict!, $"{this} is told {Verdict}, sent: {WasSent}, {_received.Count} messages");
        CheckVerdict();
        CheckResponse();
    }

    // R1: what the caller is told is the truth.
    private void CheckVerdict()
    {
        Invariant.Holds(
            WasSent ? WasWritten || LastHop is { HasBegun: true } : !WasWritten, "R1",
            $"{this} ended {Verdict}, sent: {WasSent}, and was {(WasWritten ? "" : "not ")}written");
        Invariant.Holds(WasSent || !Agent.HasSeen(Id), "R1", $"{this} ended {Verdict}, unsent, and its agent has seen it");
        bool begun = _exchange.FirstMessageAt is not null, late = _exchange.EndedAt >= _deadline;
        var isTrue = Verdict switch
        {
            Core.Requests.Verdict.Answered => WasSent && begun,
            Core.Requests.Verdict.ExpiredUnsent => !WasSent && late,
            Core.Requests.Verdict.FirstMessageTimeout => WasSent && !begun && late,
            Core.Requests.Verdict.AgentDisconnected => WasSent && (Door.IsStopping || (!begun && (WasLostOnItsWay || SentTo?.Queue.HasEnded == true))),
            Core.Requests.Verdict.Unavailable => !WasSent && WasPassedOver,
            Core.Requests.Verdict.AgentOffline or Core.Requests.Verdict.Overloaded or Core.Requests.Verdict.Internal => !WasSent,
            Core.Requests.Verdict.Draining => !WasSent && (Door.IsStopping || WasPassedOver),
            Core.Requests.Verdict.AgentFailed => begun || _responses.Exists(a => a.Result == ResponseCallResult.Done),
            Core.Requests.Verdict.Stalled => begun || late,
            Core.Requests.Verdict.CallerCancelled => _callerHasGone || _cutCaller,
            _ => false,
        };
        Invariant.Holds(isTrue || WasToldByHolder, "R1", $"{this} ended {Verdict}, sent: {WasSent}, begun: {begun}, late: {late}");
        // S1, as the caller sees it: the newest session was here all the time, and the caller is told that nobody is.
        if (Verdict == Core.Requests.Verdict.AgentOffline && _from is null)
        {
            var here = Here();
            if (here?.KnownSince >= _arrived || here?.CertainSince >= _arrived)
            {
                here = null;
            }

            Invariant.Holds(here is null, "S1", $"{this} ended agent-offline ({_exchange.Detail}) although {here} is here");
        }
    }

    // The session that its agent connected last, where it is here and nothing is uncertain about it.
    private DoorSession? Here() => Agent.Policy == SessionPolicy.Pool ? null : Agent.Oracle.Expected().FirstOrDefault(
        s => s.Door == Door && s.ConnectNumber != 0 && Agent.Oracle.IsCertain(s) && !s.Queue.IsRetiring);

    // R2: a beginning of what one call sent, in order; the whole of it where the caller is told that it is.
    private void CheckResponse()
    {
        for (var i = 0; i < _received.Count; i++)
        {
            Invariant.Holds(_received[i].Call == _received[0].Call && _received[i].Index == i, "R2", $"{this} has message {_received[i].Index} of a response in place {i}");
        }

        if (Verdict != Core.Requests.Verdict.Answered)
        {
            return;
        }

        var call = _received.Count > 0 ? _received[0].Call : Responses().FirstOrDefault(a => a.IsComplete && a.Sent == 0);
        Invariant.Holds(
            call is { IsComplete: true } && call.Sent == _received.Count && (_received.Count > 0 || _hasEmptyResponse), "R2",
            $"{this} gets {_received.Count} messages of {call?.Sent}");
    }

    // Those that came here, and those that came to where it was handed to.
    private IEnumerable<SimResponse> Responses() => _responses.Concat(_hops.SelectMany(static hop => hop.Handed?._responses ?? []));
}
