using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Admission;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>
/// Requests whose callers wait for an agent that is away. They are kept here and in no grain (R7), and woken by the connect of a session
/// at this front door. A session at another one wakes nobody here, nor could it be handed anything (<see cref="RemoteFrontDoor"/>): once
/// front doors relay, the agent's grain has to tell those that asked for it.
/// </summary>
internal sealed class AgentArrivals
{
    private readonly WaitingRoom<AgentKey, LiveRequest> _room;
    private readonly AdmissionOptions _options;
    private readonly Refusals _refusals;

    public AgentArrivals(SwitchboardMeter meter, Refusals refusals, IOptions<AdmissionOptions> options)
    {
        _options = options.Value;
        _refusals = refusals;
        _room = new(Math.Min(_options.MaxWaitingPerAgent, _options.MaxWaiting), _options.MaxWaiting);
        meter.ObserveWaiting(() => _room.Count);
    }

    /// <summary>How many wait.</summary>
    public int Count => _room.Count;

    /// <summary>Gives a request a place, which it leaves when a session has it or when it ends. Null: it has one; else why not.</summary>
    public string? Enter(LiveRequest request)
    {
        EnterOutcome outcome = _room.Enter(request.Terms.Agent, request, out var place);
        request.Place = place;
        return outcome switch
        {
            EnterOutcome.Entered => null,
            EnterOutcome.KeyFull => _refusals.Count(AdmissionLimit.AgentWaiting, _options.MaxWaitingPerAgent),
            _ => _refusals.Count(AdmissionLimit.ProcessWaiting, _options.MaxWaiting),
        };
    }

    /// <summary>Gives its place up, if it has one.</summary>
    public void Leave(LiveRequest request)
    {
        if (request.Place is not { } place)
            return;
        _room.Leave(place);
        request.Place = null;
    }

    /// <summary>
    /// The agent has a session here now, and its grain knows it. Those who wait look again, first come first; they keep their places until
    /// a session has them, so that a session that ends at once costs none its turn.
    /// </summary>
    public void Came(AgentKey agent)
    {
        foreach (LiveRequest request in _room.WhoWaitsFor(agent))
            request.AgentCame();
    }

    /// <summary>Nobody will come any more: new sessions are refused here from now on.</summary>
    public void EndAll()
    {
        foreach (LiveRequest request in _room.Everybody())
            request.End(Verdict.Draining, "the gateway is stopping");
    }
}
