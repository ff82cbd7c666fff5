using Switchboard.Core.Agents;

namespace Switchboard.Core.Requests;

/// <content>The answer: from the agent's call, through the pipe, to the caller.</content>
public sealed partial class LiveExchange<TSession, TMessage>
{
    /// <summary>Is an answer call open that may still be the answer?</summary>
    public bool HasAnswerCall => _answer is { Result: AnswerCallResult.Open };

    /// <summary>An agent opens an answer call.</summary>
    /// <param name="session">The session that it names.</param>
    /// <param name="call">The call; it is the one that answers where the outcome says so, and else nothing is kept of it.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">What is to be done.</param>
    public BeginAnswerOutcome BeginAnswer(
        SessionId session, AnswerPipe<TMessage> call, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        ArgumentNullException.ThrowIfNull(call);
        BeginAnswerOutcome outcome = _life.BeginAnswer(session, call.Number, now);
        if (outcome is BeginAnswerOutcome.Granted or BeginAnswerOutcome.GrantedInsteadOf)
        {
            if (_answer is { } older)
                Close(older, AnswerCallResult.Superseded, ref effects);
            _answer = call;
        }
        return outcome;
    }

    /// <summary>A message of an answer has come.</summary>
    /// <param name="call">By this call.</param>
    /// <param name="message">The message.</param>
    /// <param name="cost">What it costs while it is held, in bytes (<see cref="Admission.MessageCost"/>).</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">What is to be done.</param>
    public PushOutcome Push(AnswerPipe<TMessage> call, TMessage message, long cost, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Result != AnswerCallResult.Open)
            return PushOutcome.Over;
        call.Begun = true;
        AnswerBegan ??= now;
        call.Enqueue(message, cost);
        effects.Held += cost;
        effects.WakeCaller |= TakeWaiter();
        // A message may overdraw a window that is open, so one larger than the window passes too.
        call.Waiting = call.Held >= _terms.AnswerWindowBytes;
        return call.Waiting ? PushOutcome.Full : PushOutcome.Room;
    }

    /// <summary>The agent has half-closed.</summary>
    /// <returns>True: the agent's side waits until the caller has everything, or the call is over in another way.</returns>
    public bool Complete(AnswerPipe<TMessage> call, ref ExchangeEffects<TMessage> effects)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Result != AnswerCallResult.Open)
            return false;
        call.Complete = true;
        effects.WakeCaller |= TakeWaiter();
        return call.Waiting = true;
    }

    /// <summary>The answer call ends by its agent's doing: it broke off, or brought what is not taken.</summary>
    /// <param name="call">The call.</param>
    /// <param name="how">How it ends.</param>
    /// <param name="detail">Why, for people; said where the request ends by it.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">What is to be done.</param>
    public void Cut(AnswerPipe<TMessage> call, AnswerCallResult how, string detail, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Result != AnswerCallResult.Open)
            return;
        AnswerCallEnd end = how switch
        {
            AnswerCallResult.TooLarge => AnswerCallEnd.TooLarge,
            AnswerCallResult.BrokeOff => AnswerCallEnd.BrokeOff,
            _ => AnswerCallEnd.Failed,
        };
        Close(call, how, ref effects);
        if (_answer == call)
            _answer = null;
        if (_life.AnswerCallEnded(call.Number, end, now) != AnswerCallOutcome.Ended)
            return;
        Detail = detail;
        NoteEnd(now, ref effects);
    }

    /// <summary>The caller's side takes what is next for it, and from then on it is the caller's turn to move. False: nothing yet.</summary>
    public bool TryRead(out AnswerPart<TMessage> part, TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        part = TakeNext(now, ref effects);
        if (part.Kind == AnswerPartKind.Nothing)
            return false;
        CallersTurn(now);
        return true;
    }

    /// <summary>It is the caller's turn to move: something is about to be written to it.</summary>
    public void CallersTurn(TimeSpan now) => (IsCallersTurn, _idleSince) = (true, now);

    /// <summary>It is the agent's turn to move, and the caller's side waits.</summary>
    /// <returns>True: it need not wait, <see cref="TryRead"/> has something. False: it is woken by an effect.</returns>
    public bool AgentsTurn(TimeSpan now)
    {
        (IsCallersTurn, _idleSince) = (false, now);
        if (_life.State == RequestState.Ended || _returned || _answer is { IsEmpty: false } or { Complete: true })
            return true;
        _callerWaits = true;
        return false;
    }

    /// <summary>The caller has the whole answer.</summary>
    public void Answered(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        IsCallersTurn = false;
        if (_answer is { } answer && _life.AnswerCallEnded(answer.Number, AnswerCallEnd.Completed, now) == AnswerCallOutcome.Ended)
            NoteEnd(now, ref effects);
    }

    private AnswerPart<TMessage> TakeNext(TimeSpan now, ref ExchangeEffects<TMessage> effects)
    {
        if (_life.State == RequestState.Ended)
            return new AnswerPart<TMessage>(AnswerPartKind.Over);
        if (_returned)
        {
            _returned = false;
            return new AnswerPart<TMessage>(AnswerPartKind.Returned);
        }
        if (_answer is not { } answer || (answer.IsEmpty && !answer.Complete))
            return default;
        // From here on no other answer call can take over, although nothing may ever be written for this one.
        bool first = _life.State == RequestState.Sent;
        _life.FirstMessageHanded(answer.Number, now);
        if (answer.IsEmpty)
            return first ? new AnswerPart<TMessage>(AnswerPartKind.First, null, MoreAtOnce: true) : new AnswerPart<TMessage>(AnswerPartKind.Complete);
        long held = answer.Held;
        TMessage message = answer.Dequeue();
        effects.Held += answer.Held - held;
        if (!answer.Complete && answer.Held < _terms.AnswerWindowBytes && answer.TakeWaiter())
            effects.WakeAnswer = answer;
        return new AnswerPart<TMessage>(first ? AnswerPartKind.First : AnswerPartKind.Next, message, !answer.IsEmpty || answer.Complete);
    }

    private static void Close(AnswerPipe<TMessage> call, AnswerCallResult result, ref ExchangeEffects<TMessage> effects)
    {
        if (call.Result != AnswerCallResult.Open)
            return;
        call.Result = result;
        effects.Held -= call.Clear();
        // It waits for room or for its end, or it is being read: the first is told, the second cancelled.
        if (call.TakeWaiter())
            effects.WakeAnswer = call;
        else
            effects.CancelAnswer = call;
    }
}
