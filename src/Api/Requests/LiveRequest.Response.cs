using Switchboard.Core.Admission;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.V1.AgentResponse>;

namespace Switchboard.Api.Requests;

/// <content>The response: from the agent's call, through the pipe, to the caller.</content>
internal sealed partial class LiveRequest
{
    /// <summary>Gets whether a response call is open that may still be the response.</summary>
    public bool HasResponseCall
    {
        get
        {
            lock (_exchange)
            {
                return _exchange.HasResponseCall;
            }
        }
    }

    /// <summary>Opens a response call of an agent.</summary>
    /// <param name="session">The session that it names, or null.</param>
    /// <param name="call">The call, if it is granted.</param>
    public BeginResponseOutcome BeginResponse(string? session, out ResponseCall? call)
    {
        Effects effects = default;
        BeginResponseOutcome outcome;
        var opened = new ResponseCall(_inFlight.NextCall());
        lock (_exchange)
        {
            // W8: any agent can learn an id; only the session that was sent the request may respond to it.
            var sentTo = _exchange.SentTo ?? default;
            outcome = _exchange.WasSent && session is not null && !sentTo.Matches(session)
                ? BeginResponseOutcome.WrongSession
                : _exchange.BeginResponse(sentTo, opened, Now, ref effects);
        }
        call = outcome is BeginResponseOutcome.Granted or BeginResponseOutcome.GrantedInsteadOf ? opened : null;
        Apply(effects);
        return outcome;
    }

    /// <summary>
    /// Adds a message of a response to the pipe. Completes when there is room for another, so that the agent's call is read no faster than
    /// the caller reads.
    /// </summary>
    /// <returns>False: the call has ended, see <see cref="ResultOf"/>.</returns>
    public ValueTask<bool> PushAsync(ResponseCall call, AgentResponse message, int size)
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
                var outcome = _exchange.Push(call, message, CostOf(message, size), Now, ref effects);
                room = outcome == PushOutcome.Full ? call.WaitAsync() : new(outcome == PushOutcome.Room);
            }
        }
        Apply(effects);
        return room;
    }

    /// <summary>Notes that the agent has half-closed. Completes when the caller has everything, or the call ends in another way.</summary>
    public ValueTask<bool> CompleteAsync(ResponseCall call)
    {
        Effects effects = default;
        ValueTask<bool> over = new(true);
        lock (_exchange)
        {
            if (_exchange.Complete(call, ref effects))
            {
                over = call.WaitAsync();
            }
        }
        Apply(effects);
        return over;
    }

    /// <summary>Ends a response call that broke off, or brought a message that is too long to be read.</summary>
    public void ResponseBroke(ResponseCall call, ResponseCallResult how)
    {
        Effects effects = default;
        lock (_exchange)
        {
            _exchange.Cut(call, how, DetailOf(how), Now, ref effects);
        }

        Apply(effects);
    }

    /// <summary>Returns how a call ended.</summary>
    public ResponseCallResult ResultOf(ResponseCall call)
    {
        lock (_exchange)
        {
            return call.Result;
        }
    }

    /// <summary>Takes what is next for the caller, and starts the caller's turn.</summary>
    public bool TryRead(out ResponsePart<AgentResponse> part)
    {
        Effects effects = default;
        lock (_exchange)
        {
            if (!_exchange.TryRead(out part, Now, ref effects))
            {
                return false;
            }

            if (part.Kind == ResponsePartKind.First)
            {
                _status = part.Message is null or { Status: 0 } ? 200 : (int)part.Message.Status;
            }

            _responseBytes += part.Message?.Body.Length ?? 0;
        }
        Apply(effects);
        return true;
    }

    /// <summary>Starts the caller's turn: something is about to be written to it.</summary>
    public void CallersTurn()
    {
        lock (_exchange)
        {
            _exchange.CallersTurn(Now);
        }
    }

    /// <summary>Completes when <see cref="TryRead"/> is to be called again. For one waiter.</summary>
    public ValueTask<bool> WhenMovedAsync()
    {
        lock (_exchange)
        {
            if (_exchange.AgentsTurn(Now))
            {
                return new(true);
            }

            return _moved.WaitAsync();
        }
    }

    /// <summary>Notes that the caller has the whole response.</summary>
    public void ResponseDelivered()
    {
        Effects effects = default;
        lock (_exchange)
        {
            _exchange.ResponseDelivered(Now, ref effects);
        }

        Apply(effects);
    }

    /// <summary>Returns the cost of a message of a response while it waits for its caller, in bytes.</summary>
    internal static long CostOf(AgentResponse message, int size) =>
        MessageCost.Of(size, message.Body.Length, message.Headers.Count + message.HeaderList.Count);

    private ResponseCallResult? Refusal(ResponseCall call, AgentResponse message, int size)
    {
        if (size > _options.MaxMessageBytes)
        {
            return ResponseCallResult.TooLarge;
        }

        if (message.Error.Length > 0)
        {
            return ResponseCallResult.Done;
        }

        if (HeaderLimits.Problem(message, size) is not null)
        {
            return ResponseCallResult.BadHeaders;
        }

        return !call.Begun && message.Status is not (0 or (>= 200 and <= 599)) ? ResponseCallResult.BadStatus : null;
    }

    private string DetailOf(ResponseCallResult how, AgentResponse? message = null, int size = 0) => how switch
    {
        ResponseCallResult.TooLarge => $"a message of the answer is longer than {_options.MaxMessageBytes} bytes",
        ResponseCallResult.BadStatus => "the agent's status is outside 200 to 599",
        ResponseCallResult.BadHeaders => $"the agent's response {HeaderLimits.Problem(message!, size)}",
        ResponseCallResult.BrokeOff => "the agent's answer broke off",
        _ => $"the agent reported an error: {Shortened(message!.Error)}",
    };

    // The agent's error text goes to its caller, cut to a useful length.
    private static string Shortened(string error) => error.Length <= 512 ? error : string.Concat(error.AsSpan(0, 512), "…");
}
