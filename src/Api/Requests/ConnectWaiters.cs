using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.Sessions;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Admission;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>
/// Holds the requests whose callers wait for an agent that is offline. They are kept here and in no grain (R7), and woken by the connect of
/// a session at this front door, and by the agent's grain for a session at another one (<see cref="ConnectWatch"/>).
/// </summary>
internal sealed class ConnectWaiters : ISessionObserver
{
    private readonly WaiterLists<AgentKey, LiveRequest> _waiters;
    private readonly AdmissionOptions _options;
    private readonly LimitRejections _rejections;

    public ConnectWaiters(SwitchboardMeter meter, LimitRejections rejections, IOptions<AdmissionOptions> options)
    {
        _options = options.Value;
        _rejections = rejections;
        _waiters = new(Math.Min(_options.MaxWaitingPerAgent, _options.MaxWaiting), _options.MaxWaiting);
        meter.ObserveWaiting(() => _waiters.Count);
    }

    /// <summary>The number of waiting requests.</summary>
    public int Count => _waiters.Count;

    /// <summary>
    /// Adds a request, which is removed when a session has it or when it ends. Null: it was added; otherwise the limit that rejects it.
    /// </summary>
    public string? Add(LiveRequest request)
    {
        var outcome = _waiters.Add(request.Terms.Agent, request, out var entry);
        request.WaiterEntry = entry;
        return outcome switch
        {
            AddWaiterOutcome.Added => null,
            AddWaiterOutcome.KeyFull => _rejections.Count(AdmissionLimit.AgentWaiting, _options.MaxWaitingPerAgent),
            _ => _rejections.Count(AdmissionLimit.ProcessWaiting, _options.MaxWaiting),
        };
    }

    /// <summary>Removes a request, if it waits.</summary>
    public void Remove(LiveRequest request)
    {
        if (request.WaiterEntry is not { } entry)
        {
            return;
        }

        _waiters.Remove(entry);
        request.WaiterEntry = null;
    }

    /// <summary>Returns the agents that callers wait for.</summary>
    public IReadOnlyList<AgentKey> Agents() => [.. _waiters.All().Select(static request => request.Terms.Agent).Distinct()];

    /// <summary>Wakes the requests that wait for the agent of a session that has connected here and that its grain knows.</summary>
    public void OnConnected(AgentSession session) => AgentCame(session.Agent);

    /// <summary>
    /// Wakes the requests that wait for an agent that has connected and that its grain knows, in the order of their arrival. They stay in the
    /// list until a session has them, so that a session that ends at once costs none its turn.
    /// </summary>
    public void AgentCame(AgentKey agent)
    {
        foreach (var request in _waiters.WaitersFor(agent))
        {
            request.AgentCame();
        }
    }

    /// <summary>Ends all waiting requests as <c>draining</c>: no new session is accepted here from now on.</summary>
    public void EndAll()
    {
        foreach (var request in _waiters.All())
        {
            request.End(Verdict.Draining, "the gateway is stopping");
        }
    }
}
