using Switchboard.Core.Admission;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.V1.AgentResponse>;

namespace Switchboard.Api.Requests;

/// <content>The answer: from the agent's call, through the pipe, to the caller.</content>
internal sealed partial class LiveRequest
{
    /// <summary>Is an answer call open that may still be the answer?</summary>
    public bool HasAnswerCall
    {
        get
        {
            lock (_exchange)
                return _exchange.HasAnswerCall;
        }
    }

    /// <summary>An agent opens an answer call.</summary>
    /// <param name="session">The session that it names, or null.</param>
    /// <param name="number">The call's own number.</param>
    /// <param name="call">The call, where it is granted.</param>
    public BeginAnswerOutcome BeginAnswer(string? session, long number, out AnswerCall? call)
    {
        Effects effects = default;
        BeginAnswerOutcome outcome;
        var opened = new AnswerCall(number);
        lock (_exchange)
        {
            // W8: any agent can learn an id; only the session that was sent the request may answer it.
            SessionId sentTo = _exchange.SentTo ?? default;
            outcome = _exchange.WasSent && session is not null && !sentTo.Matches(session)
                ? BeginAnswerOutcome.WrongSession
                : _exchange.BeginAnswer(sentTo, opened, Now, ref effects);
        }
        call = outcome is BeginAnswerOutcome.Granted or BeginAnswerOutcome.GrantedInsteadOf ? opened : null;
        Do(effects);
        return outcome;
    }

    /// <summary>
    /// Puts a message of an answer into the pipe. Completes when there is room for another: so the agent is read no faster than the
    /// caller reads.
    /// </summary>
    /// <returns>False: the call is over, see <see cref="ResultOf"/>.</returns>
    public ValueTask<bool> PushAsync(AnswerCall call, AgentResponse message, int size)
    {
        Effects effects = default;
        ValueTask<bool> room = new(true);
        lock (_exchange)
        {
            if (Refusal(call, message, size) is { } refusal)
            {
                _exchange.Cut(call, refusal, DetailOf(refusal, message, size), Now, ref effects);
                room = new(false);
            }
            else
            {
                PushOutcome outcome = _exchange.Push(call, message, CostOf(message, size), Now, ref effects);
                room = outcome == PushOutcome.Full ? call.WaitAsync() : new(outcome == PushOutcome.Room);
            }
        }
        Do(effects);
        return room;
    }

    /// <summary>The agent has half-closed. Completes when the caller has everything, or the call is over in another way.</summary>
    public ValueTask<bool> CompleteAsync(AnswerCall call)
    {
        Effects effects = default;
        ValueTask<bool> over = new(true);
        lock (_exchange)
        {
            if (_exchange.Complete(call, ref effects))
                over = call.WaitAsync();
        }
        Do(effects);
        return over;
    }

    /// <summary>The answer call broke off, or brought a message that is too long to be read.</summary>
    public void AnswerBroke(AnswerCall call, AnswerCallResult how)
    {
        Effects effects = default;
        lock (_exchange)
            _exchange.Cut(call, how, DetailOf(how), Now, ref effects);
        Do(effects);
    }

    /// <summary>How a call ended.</summary>
    public AnswerCallResult ResultOf(AnswerCall call)
    {
        lock (_exchange)
            return call.Result;
    }

    /// <summary>The caller's side takes what is next for it, and from then on it is the caller's turn to move.</summary>
    public bool TryRead(out AnswerPart<AgentResponse> part)
    {
        Effects effects = default;
        lock (_exchange)
        {
            if (!_exchange.TryRead(out part, Now, ref effects))
                return false;
            if (part.Kind == AnswerPartKind.First)
                _status = part.Message is null or { Status: 0 } ? 200 : (int)part.Message.Status;
            _answerBytes += part.Message?.Body.Length ?? 0;
        }
        Do(effects);
        return true;
    }

    /// <summary>It is the caller's turn to move: something is about to be written to it.</summary>
    public void CallersTurn()
    {
        lock (_exchange)
            _exchange.CallersTurn(Now);
    }

    /// <summary>Completes when <see cref="TryRead"/> is worth another try. For one waiter.</summary>
    public ValueTask<bool> WhenMovedAsync()
    {
        lock (_exchange)
        {
            if (_exchange.AgentsTurn(Now))
                return new(true);
            _moved.Reset();
            return new ValueTask<bool>(this, _moved.Version);
        }
    }

    /// <summary>The caller has the whole answer.</summary>
    public void Answered()
    {
        Effects effects = default;
        lock (_exchange)
            _exchange.Answered(Now, ref effects);
        Do(effects);
    }

    /// <summary>What a message of an answer costs while it waits for its caller, in bytes.</summary>
    internal static long CostOf(AgentResponse message, int size) =>
        MessageCost.Of(size, message.Body.Length, message.Headers.Count + message.HeaderList.Count);

    private AnswerCallResult? Refusal(AnswerCall call, AgentResponse message, int size)
    {
        if (size > _register.Options.MaxMessageBytes)
            return AnswerCallResult.TooLarge;
        if (message.Error.Length > 0)
            return AnswerCallResult.Done;
        if (HeaderLimits.Problem(message, size) is not null)
            return AnswerCallResult.BadHeaders;
        return !call.Begun && message.Status is not (0 or (>= 200 and <= 599)) ? AnswerCallResult.BadStatus : null;
    }

    private string DetailOf(AnswerCallResult how, AgentResponse? message = null, int size = 0) => how switch
    {
        AnswerCallResult.TooLarge => $"a message of the answer is longer than {_register.Options.MaxMessageBytes} bytes",
        AnswerCallResult.BadStatus => "the agent's status is outside 200 to 599",
        AnswerCallResult.BadHeaders => $"the agent's response {HeaderLimits.Problem(message!, size)}",
        AnswerCallResult.BrokeOff => "the agent's answer broke off",
        _ => $"the agent reported an error: {Shortened(message!.Error)}",
    };

    // The agent's own words go to its caller, and no further than they are useful.
    private static string Shortened(string error) => error.Length <= 512 ? error : string.Concat(error.AsSpan(0, 512), "…");
}
