using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <content>The response: from the agent's call, through the pipe, to the caller.</content>
public sealed partial class LiveExchange<TSession, TMessage>
{
    /// <summary>Gets whether a response call is open that may still be the response.</summary>
    public bool HasResponseCall => _response is { Result: ResponseCallResult.Open };

    /// <summary>Opens a response call.</summary>
    /// <param name="session">The session that it names.</param>
    /// <param name="call">The call; it becomes the current one if the outcome says so, and otherwise is not kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Collects what is to be done.</param>
    public BeginResponseOutcome BeginResponse(
        SessionId session, ResponsePipe<TMessage> call, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        ArgumentNullException.ThrowIfNull(call);
        var outcome = _life.BeginResponse(session, call.Number, now);
        if (outcome is BeginResponseOutcome.Granted or BeginResponseOutcome.GrantedInsteadOf)
        {
            if (_response is { } older)
            {
                Close(older, ResponseCallResult.Superseded, ref effects);
            }

            _response = call;
        }
        return outcome;
    }

    /// <summary>Adds a message of a response.</summary>
    /// <param name="call">The call that brought it.</param>
    /// <param name="message">The message.</param>
    /// <param name="cost">Its cost while it is held, in bytes (<see cref="Admission.MessageCost"/>).</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Collects what is to be done.</param>
    public PushOutcome Push(ResponsePipe<TMessage> call, TMessage message, long cost, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Result != ResponseCallResult.Open)
        {
            return PushOutcome.Over;
        }

        call.Begun = true;
        ResponseBegan ??= now;
        call.Enqueue(message, cost);
        effects.Held += cost;
        effects.WakeCaller |= TakeWaiter();
        // A message may overdraw a window that is open, so one larger than the window passes too.
        call.Waiting = call.Held >= _terms.ResponseWindowBytes;
        return call.Waiting ? PushOutcome.Full : PushOutcome.Room;
    }

    /// <summary>Notes that the agent has half-closed.</summary>
    /// <returns>True: the agent's side waits until the caller has everything, or the call ends in another way.</returns>
    public bool Complete(ResponsePipe<TMessage> call, ref ExchangeEffects<TMessage> effects)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Result != ResponseCallResult.Open)
        {
            return false;
        }

        call.Complete = true;
        effects.WakeCaller |= TakeWaiter();
        return call.Waiting = true;
    }

    /// <summary>Ends a response call from the agent's side: it broke off, or brought what is not accepted.</summary>
    /// <param name="call">The call.</param>
    /// <param name="how">The result.</param>
    /// <param name="detail">Why, for display; used if the request ends by it.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Collects what is to be done.</param>
    public void Cut(ResponsePipe<TMessage> call, ResponseCallResult how, string detail, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Result != ResponseCallResult.Open)
        {
            return;
        }

        var end = how switch
        {
            ResponseCallResult.TooLarge => ResponseCallEnd.TooLarge,
            ResponseCallResult.BrokeOff => ResponseCallEnd.BrokeOff,
            _ => ResponseCallEnd.Failed,
        };
        Close(call, how, ref effects);
        if (_response == call)
        {
            _response = null;
        }

        if (_life.ResponseCallEnded(call.Number, end, now) != ResponseCallOutcome.Ended)
        {
            return;
        }

        Detail = detail;
        NoteEnd(now, ref effects);
    }

    /// <summary>Takes what is next for the caller, and starts the caller's turn. False: nothing yet.</summary>
    public bool TryRead(out ResponsePart<TMessage> part, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        part = TakeNext(now, ref effects);
        if (part.Kind == ResponsePartKind.Nothing)
        {
            return false;
        }

        CallersTurn(now);
        return true;
    }

    /// <summary>Starts the caller's turn: something is about to be written to it.</summary>
    public void CallersTurn(TimeSpan now) => (IsCallersTurn, _idleSince) = (true, now);

    /// <summary>Starts the agent's turn, in which the caller's side waits.</summary>
    /// <returns>True: it need not wait, because <see cref="TryRead"/> has something. False: an effect wakes it.</returns>
    public bool AgentsTurn(TimeSpan now)
    {
        (IsCallersTurn, _idleSince) = (false, now);
        if (_life.State == RequestState.Ended || _returned || _response is { IsEmpty: false } or { Complete: true })
        {
            return true;
        }

        _callerWaits = true;
        return false;
    }

    /// <summary>Notes that the caller has the whole response.</summary>
    public void ResponseDelivered(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        IsCallersTurn = false;
        if (_response is { } response && _life.ResponseCallEnded(response.Number, ResponseCallEnd.Completed, now) == ResponseCallOutcome.Ended)
        {
            NoteEnd(now, ref effects);
        }
    }

    private ResponsePart<TMessage> TakeNext(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_life.State == RequestState.Ended)
        {
            return new ResponsePart<TMessage>(ResponsePartKind.Over);
        }

        if (_returned)
        {
            _returned = false;
            return new ResponsePart<TMessage>(ResponsePartKind.Returned);
        }
        if (_response is not { } response || (response.IsEmpty && !response.Complete))
        {
            return default;
        }
        // From here on no other response call can take over, although nothing may ever be written for this one.
        var first = _life.State == RequestState.Sent;
        _life.FirstMessageHanded(response.Number, now);
        if (response.IsEmpty)
        {
            return first ? new ResponsePart<TMessage>(ResponsePartKind.First, null, MoreAtOnce: true) : new ResponsePart<TMessage>(ResponsePartKind.Complete);
        }

        var held = response.Held;
        var message = response.Dequeue();
        effects.Held += response.Held - held;
        if (!response.Complete && response.Held < _terms.ResponseWindowBytes && response.TakeWaiter())
        {
            effects.WakeResponse = response;
        }

        return new ResponsePart<TMessage>(first ? ResponsePartKind.First : ResponsePartKind.Next, message, !response.IsEmpty || response.Complete);
    }

    private static void Close(ResponsePipe<TMessage> call, ResponseCallResult result, ref ExchangeEffects<TMessage> effects)
    {
        if (call.Result != ResponseCallResult.Open)
        {
            return;
        }

        call.Result = result;
        effects.Held -= call.Clear();
        // It waits for room or for its end, or it is being read: a wait is woken, a read cancelled.
        if (call.TakeWaiter())
        {
            effects.WakeResponse = call;
        }
        else
        {
            effects.CancelResponse = call;
        }
    }
}
