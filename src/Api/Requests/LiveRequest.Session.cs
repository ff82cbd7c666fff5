using Google.Protobuf.WellKnownTypes;
using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.V1.AgentResponse>;

namespace Switchboard.Api.Requests;

/// <content>What the agent's session does with a request, and the wait for an agent that is away.</content>
internal sealed partial class LiveRequest
{
    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.WaitsForAgent"/>
    public bool WaitsForAgent => Now < Terms.WaitForAgentUntil;

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.Assign"/>
    public bool Assign(AgentSession session)
    {
        lock (_exchange)
            return _exchange.Assign(session, Now);
    }

    /// <summary>That session did not take it.</summary>
    public void Unassign(AgentSession session)
    {
        lock (_exchange)
            _exchange.Unassign(session);
    }

    /// <summary>Called by the session's writer loop right before the write.</summary>
    /// <returns>What to write; null: nothing, because its time is up, it has ended, or it is another session's now.</returns>
    public AgentRequest? TrySend(AgentSession session)
    {
        Effects effects = default;
        AgentRequest? message = null;
        lock (_exchange)
        {
            TimeSpan now = Now;
            if (_exchange.TrySend(session, session.Id, now, ref effects))
            {
                message = DropMessage()!;
                message.SessionId = session.Id.Value;
                message.Attempt = AttemptLocked();
                message.Timeout = Duration.FromTimeSpan(Terms.Deadline - now);
            }
        }
        Do(effects);
        return message;
    }

    /// <summary>Was it sent to that session, and has it not ended?</summary>
    public bool IsAt(AgentSession session)
    {
        lock (_exchange)
            return _exchange.IsAt(session);
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.SessionEnded"/>
    public void SessionEnded(AgentSession session)
    {
        Effects effects = default;
        lock (_exchange)
            _exchange.SessionEnded(session, session.Id, Now, ref effects);
        Do(effects);
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.BeginWait"/>
    public void BeginWait()
    {
        TimeSpan? lookAt;
        lock (_exchange)
            lookAt = _exchange.BeginWait(Now);
        if (lookAt is { } due)
            _register.WakeAt(this, due);
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.AgentCame"/>
    public void AgentCame()
    {
        Effects effects = default;
        lock (_exchange)
            _exchange.AgentCame(ref effects);
        Do(effects);
    }
}
