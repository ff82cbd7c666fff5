using Google.Protobuf.WellKnownTypes;
using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.V1.AgentResponse>;

namespace Switchboard.Api.Requests;

/// <content>Implements the session's side of a request, and the wait for an agent that is offline.</content>
internal sealed partial class LiveRequest
{
    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.WaitsForAgent"/>
    public bool WaitsForAgent => Now < Terms.WaitForAgentUntil;

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.Assign"/>
    public bool Assign(IRequestHolder holder)
    {
        lock (_exchange)
        {
            return _exchange.Assign(holder, Now);
        }
    }

    /// <summary>Undoes the assignment to a session that did not take it.</summary>
    public void Unassign(AgentSession session)
    {
        lock (_exchange)
        {
            _exchange.Unassign(session);
        }
    }

    /// <summary>Marks it as sent; called by the session's writer loop right before the write.</summary>
    /// <returns>
    /// The message to write; null if there is none, because its deadline has passed, it has ended, or it is assigned to another session.
    /// </returns>
    public AgentRequest? TrySend(AgentSession session)
    {
        Effects effects = default;
        AgentRequest? message = null;
        lock (_exchange)
        {
            var now = Now;
            if (_exchange.TrySend(session, session.Id, now, ref effects))
            {
                message = DropMessage()!;
                message.SessionId = session.Id.Value;
                message.Attempt = AttemptLocked();
                message.Timeout = Duration.FromTimeSpan(Terms.Deadline - now);
            }
        }
        Apply(effects);
        return message;
    }

    /// <summary>Returns whether it was sent to that session and has not ended.</summary>
    public bool IsAt(AgentSession session)
    {
        lock (_exchange)
        {
            return _exchange.IsAt(session);
        }
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.SessionEnded"/>
    public void SessionEnded(AgentSession session)
    {
        Effects effects = default;
        lock (_exchange)
        {
            _exchange.SessionEnded(session, session.Id, Now, ref effects);
        }

        Apply(effects);
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.BeginWait"/>
    public void BeginWait()
    {
        TimeSpan? lookAt;
        lock (_exchange)
        {
            lookAt = _exchange.BeginWait(Now);
        }

        if (lookAt is { } due)
        {
            _inFlight.WakeAt(this, due);
        }
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.AgentCame"/>
    public void AgentCame()
    {
        Effects effects = default;
        lock (_exchange)
        {
            _exchange.AgentCame(ref effects);
        }

        Apply(effects);
    }
}
