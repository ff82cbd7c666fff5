using Switchboard.Core.Admission;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <content>Waiting for an agent that is away.</content>
internal sealed partial class LiveRequest
{
    private TimeSpan? _awaySince;
    private TimeSpan _away;

    /// <summary>Its place among those who wait for the agent; null: it has none.</summary>
    internal WaitingRoom<AgentKey, LiveRequest>.Place? Place { get; set; }

    /// <summary>Does its caller still wait for an agent that is away?</summary>
    public bool WaitsForAgent => _register.Clock.Now < Terms.WaitForAgentUntil;

    /// <summary>From here on it waits for its agent, and is given back to the caller's side when the time for that is over.</summary>
    public void BeginWait()
    {
        lock (_life)
            _awaySince ??= _register.Clock.Now;
        if (Terms.WaitForAgentUntil < Terms.Deadline)
            _register.WakeAt(this, Terms.WaitForAgentUntil);
    }

    /// <summary>Its agent has connected: it is given back to the caller's side, to be routed again. No session's request is.</summary>
    public void AgentCame()
    {
        After after = default;
        lock (_life)
        {
            // While a session has been offered it, the caller's side is about to look again by itself if that one refuses it.
            if (_life.State == RequestState.Accepted && _session is null)
                GiveBackLocked(ref after);
        }
        Do(after);
    }

    // Not due by its deadline: it may be due by the time that its caller waits for the agent. When is it to be looked at next?
    private TimeSpan WaitDueLocked(TimeSpan now, ref After after)
    {
        if (_awaySince is null || _life.State != RequestState.Accepted || _session is not null)
            return _life.DeadlineAt;
        if (now < Terms.WaitForAgentUntil)
            return Terms.WaitForAgentUntil < _life.DeadlineAt ? Terms.WaitForAgentUntil : _life.DeadlineAt;
        GiveBackLocked(ref after);
        return _life.DeadlineAt;
    }

    private void GiveBackLocked(ref After after)
    {
        _returned = true;
        after.Wake = TakeWaiter();
    }

    // It is offered to a session, or has ended.
    private void EndWaitLocked()
    {
        if (_awaySince is not { } since)
            return;
        _away += (_life.EndedAt ?? _register.Clock.Now) - since;
        _awaySince = null;
    }
}
