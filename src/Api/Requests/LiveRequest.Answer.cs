using Switchboard.Core.Agents;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <content>The answer: from the agent's call, through the pipe, to the caller.</content>
internal sealed partial class LiveRequest
{
    /// <summary>An agent opens an answer call.</summary>
    /// <param name="session">The session that it names, or null.</param>
    /// <param name="number">The call's own number.</param>
    /// <param name="call">The call, where it is granted.</param>
    public BeginAnswerOutcome BeginAnswer(string? session, long number, out AnswerCall? call)
    {
        After after = default;
        BeginAnswerOutcome outcome;
        call = null;
        lock (_life)
        {
            // W8: any agent can learn an id; only the session that was sent the request may answer it.
            SessionId sentTo = _life.Session ?? default;
            if (_life.WasSent && session is not null && !sentTo.Matches(session))
                return BeginAnswerOutcome.WrongSession;
            outcome = _life.BeginAnswer(sentTo, number, _register.Clock.Now);
            if (outcome is BeginAnswerOutcome.Granted or BeginAnswerOutcome.GrantedInsteadOf)
            {
                if (_answer is { } older)
                    CloseAnswer(older, AnswerCallResult.Superseded, ref after);
                call = _answer = new AnswerCall(number);
            }
        }
        Do(after);
        return outcome;
    }

    /// <summary>
    /// Puts a message of an answer into the pipe. Completes when there is room for another: so the agent is read no faster than the
    /// caller reads.
    /// </summary>
    /// <returns>False: the call is over, see <see cref="ResultOf"/>.</returns>
    public ValueTask<bool> PushAsync(AnswerCall call, AgentResponse message, int size)
    {
        After after = default;
        ValueTask<bool> room = new(true);
        lock (_life)
        {
            if (call.Result != AnswerCallResult.Open)
                return new(false);
            if (Refusal(call, message, size) is { } refusal)
            {
                CutAnswer(call, refusal, message.Error, ref after);
                room = new(false);
            }
            else
            {
                call.Begun = true;
                _answerBegan ??= _register.Clock.Now;
                call.Enqueue(message, size);
                _register.Held(size);
                after.Wake = TakeWaiter();
                // A message may overdraw a window that is open, so one larger than the window passes too.
                if (call.Held >= _register.Options.AnswerWindowBytes)
                    room = call.Wait();
            }
        }
        Do(after);
        return room;
    }

    /// <summary>The agent has half-closed. Completes when the caller has everything, or the call is over in another way.</summary>
    public ValueTask<bool> CompleteAsync(AnswerCall call)
    {
        After after = default;
        ValueTask<bool> over = new(true);
        lock (_life)
        {
            if (call.Result == AnswerCallResult.Open)
            {
                call.Complete = true;
                after.Wake = TakeWaiter();
                over = call.Wait();
            }
        }
        Do(after);
        return over;
    }

    /// <summary>The answer call broke off, or brought a message that is too long to be read.</summary>
    public void AnswerBroke(AnswerCall call, AnswerCallResult how)
    {
        After after = default;
        lock (_life)
        {
            if (call.Result == AnswerCallResult.Open)
                CutAnswer(call, how, "", ref after);
        }
        Do(after);
    }

    /// <summary>Is an answer call open that may still be the answer?</summary>
    public bool HasAnswerCall
    {
        get
        {
            lock (_life)
                return _answer is { Result: AnswerCallResult.Open };
        }
    }

    /// <summary>How a call ended.</summary>
    public AnswerCallResult ResultOf(AnswerCall call)
    {
        lock (_life)
            return call.Result;
    }

    /// <summary>The caller's side takes what is next for it, and from then on it is the caller's turn to move.</summary>
    public bool TryRead(out AnswerPart part)
    {
        After after = default;
        lock (_life)
        {
            if (!TryReadLocked(out part, ref after))
                return false;
            CallersTurnLocked();
        }
        Do(after);
        return true;
    }

    /// <summary>It is the caller's turn to move: something is about to be written to it.</summary>
    public void CallersTurn()
    {
        lock (_life)
            CallersTurnLocked();
    }

    /// <summary>Completes when <see cref="TryRead"/> is worth another try. For one waiter.</summary>
    public ValueTask<bool> WhenMovedAsync()
    {
        lock (_life)
        {
            _callersTurn = false;
            _idleSince = _register.Clock.Now;
            if (_life.State == RequestState.Ended || _returned || _answer is { IsEmpty: false } or { Complete: true })
                return new(true);
            _moved.Reset();
            _waiting = true;
            return new ValueTask<bool>(this, _moved.Version);
        }
    }

    /// <summary>The caller has the whole answer.</summary>
    public void Answered()
    {
        After after = default;
        lock (_life)
        {
            _callersTurn = false;
            if (_answer is { } answer && _life.AnswerCallEnded(answer.Number, AnswerCallEnd.Completed, _register.Clock.Now) == AnswerCallOutcome.Ended)
                after = AfterEnd();
        }
        Do(after);
    }

    private bool TryReadLocked(out AnswerPart part, ref After after)
    {
        part = default;
        if (_life.State == RequestState.Ended)
        {
            part = new AnswerPart(AnswerPartKind.Over);
        }
        else if (_returned)
        {
            _returned = false;
            part = new AnswerPart(AnswerPartKind.Returned);
        }
        else if (_answer is { IsEmpty: false } answer)
        {
            part = TakeMessage(answer, ref after);
        }
        else if (_answer is { Complete: true } empty)
        {
            // From here on no other answer call can take over, although nothing may ever be written for this one.
            bool first = _life.State == RequestState.Sent;
            _life.FirstMessageHanded(empty.Number, _register.Clock.Now);
            if (first)
                _status = 200;
            part = first
                ? new AnswerPart(AnswerPartKind.First, IAnswerSink.NoMessage, MoreAtOnce: true)
                : new AnswerPart(AnswerPartKind.Complete);
        }
        return part.Kind != AnswerPartKind.Nothing;
    }

    private AnswerPart TakeMessage(AnswerCall answer, ref After after)
    {
        bool first = _life.State == RequestState.Sent;
        _life.FirstMessageHanded(answer.Number, _register.Clock.Now);
        long held = answer.Held;
        AgentResponse message = answer.Dequeue();
        _register.Held(answer.Held - held);
        _answerBytes += message.Body.Length;
        if (first)
            _status = message.Status == 0 ? 200 : (int)message.Status;
        if (!answer.Complete && answer.Held < _register.Options.AnswerWindowBytes && answer.TakeWaiter())
            after.WakeAnswer = answer;
        return new AnswerPart(first ? AnswerPartKind.First : AnswerPartKind.Next, message, !answer.IsEmpty || answer.Complete);
    }

    private AnswerCallResult? Refusal(AnswerCall call, AgentResponse message, int size)
    {
        if (size > _register.Options.MaxMessageBytes)
            return AnswerCallResult.TooLarge;
        if (message.Error.Length > 0)
            return AnswerCallResult.Done;
        return !call.Begun && message.Status is not (0 or (>= 200 and <= 599)) ? AnswerCallResult.BadStatus : null;
    }

    // The call ends by the agent's doing; what that means for the request, the lifecycle says.
    private void CutAnswer(AnswerCall call, AnswerCallResult how, string error, ref After after)
    {
        AnswerCallEnd end = how switch
        {
            AnswerCallResult.TooLarge => AnswerCallEnd.TooLarge,
            AnswerCallResult.BrokeOff => AnswerCallEnd.BrokeOff,
            _ => AnswerCallEnd.Failed,
        };
        CloseAnswer(call, how, ref after);
        if (_answer == call)
            _answer = null;
        if (_life.AnswerCallEnded(call.Number, end, _register.Clock.Now) != AnswerCallOutcome.Ended)
            return;
        _detail = how switch
        {
            AnswerCallResult.TooLarge => $"a message of the answer is longer than {_register.Options.MaxMessageBytes} bytes",
            AnswerCallResult.BadStatus => "the agent's status is outside 200 to 599",
            AnswerCallResult.BrokeOff => "the agent's answer broke off",
            _ => $"the agent reported an error: {Shortened(error)}",
        };
        After ended = AfterEnd();
        ended.WakeAnswer ??= after.WakeAnswer;
        ended.CancelAnswer ??= after.CancelAnswer;
        after = ended;
    }

    private void CloseAnswer(AnswerCall call, AnswerCallResult result, ref After after)
    {
        if (call.Result != AnswerCallResult.Open)
            return;
        call.Result = result;
        _register.Held(-call.Clear());
        // It waits for room or for its end, or it is being read: the first is told, the second cancelled.
        if (call.TakeWaiter())
            after.WakeAnswer = call;
        else
            after.CancelAnswer = call;
    }

    private void CallersTurnLocked()
    {
        _callersTurn = true;
        _idleSince = _register.Clock.Now;
    }

    // The agent's own words go to its caller, and no further than they are useful.
    private static string Shortened(string error) => error.Length <= 512 ? error : string.Concat(error.AsSpan(0, 512), "…");
}
