using Google.Protobuf.WellKnownTypes;
using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <content>What the agent's session does with a request.</content>
internal sealed partial class LiveRequest
{
    /// <summary>
    /// Says, before it is offered, which session may send it. An older session whose writer loop still finds it in its queue may not:
    /// session 1 ends with the request unsent, it is offered to session 2, and only then session 1's loop takes it up.
    /// </summary>
    public bool Assign(AgentSession session)
    {
        lock (_life)
        {
            if (_life.State != RequestState.Accepted)
                return false;
            _session = session;
            _returned = false;
            EndWaitLocked();
            return true;
        }
    }

    /// <summary>That session did not take it.</summary>
    public void Unassign(AgentSession session)
    {
        lock (_life)
        {
            if (_session == session && _life.State == RequestState.Accepted)
                _session = null;
        }
    }

    /// <summary>Called by the session's writer loop right before the write.</summary>
    /// <returns>What to write; null: nothing, because its time is up, it has ended, or it is another session's now.</returns>
    public AgentRequest? TrySend(AgentSession session)
    {
        After after = default;
        AgentRequest? message = null;
        lock (_life)
        {
            if (_session != session)
                return null;
            TimeSpan now = _register.Clock.Now;
            switch (_life.TrySend(session.Id, now))
            {
                case SendOutcome.Sent:
                    message = _message!;
                    message.SessionId = session.Id.Value;
                    message.Attempt = AttemptLocked();
                    message.Timeout = Duration.FromTimeSpan(_life.DeadlineAt - now);
                    // Whatever comes of it, it is not sent twice: its body need not be kept while the agent thinks.
                    DropMessageLocked();
                    break;
                case SendOutcome.Expired:
                    after = AfterEnd();
                    break;
            }
        }
        Do(after);
        return message;
    }

    /// <summary>Was it sent to that session, and has it not ended?</summary>
    public bool IsAt(AgentSession session)
    {
        lock (_life)
            return _session == session && _life.WasSent && _life.State != RequestState.Ended;
    }

    /// <summary>
    /// The session is over. What it had not been sent goes back to the caller's side, to be routed again; what it was sent and had
    /// not begun to answer ends; an answer under way goes on, as its own call lives.
    /// </summary>
    public void SessionEnded(AgentSession session)
    {
        After after = default;
        lock (_life)
        {
            if (_session != session)
                return;
            switch (_life.SessionEnded(session.Id, _register.Clock.Now))
            {
                case SessionEndOutcome.Unsent:
                    _session = null;
                    _returned = true;
                    after.Wake = TakeWaiter();
                    break;
                case SessionEndOutcome.Ended:
                    after = AfterEnd();
                    break;
            }
        }
        Do(after);
    }
}
