using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Durable;

/// <summary>
/// Has durable requests delivered: by the agent's sessions here, and, by way of its grain, by those that it has elsewhere. A session is
/// woken when it connects, when a request is accepted for its agent, and when an attempt at one has come to nothing.
/// </summary>
internal sealed partial class DurableDelivery(
    SessionRegistry sessions, DurableAttempts attempts, IRequestLog log, LostAttempts lost, IFrontDoor frontDoor, IGrainFactory grains,
    GatewayClock clock, ILogger<DurableDelivery> logger) : ISessionObserver
{
    // A pump goes with its session: one that has nothing to do is dropped before, and made anew when it is woken.
    private readonly ConditionalWeakTable<AgentSession, SessionPump> _pumps = [];

    // True: it is to be asked once more, because something was accepted after it was asked.
    private readonly ConcurrentDictionary<AgentKey, bool> _asking = new();

    public void OnConnected(AgentSession session) => Wake(session);

    /// <summary>Has the agent's requests delivered, wherever it is connected. Does not wait.</summary>
    public void Wake(AgentKey agent)
    {
        if (!WakeHere(agent))
        {
            _ = AskAsync(agent);
        }
    }

    /// <summary>Has the agent's requests delivered by its sessions here.</summary>
    /// <returns>Whether there is one that takes requests.</returns>
    public bool WakeHere(AgentKey agent)
    {
        var any = false;
        foreach (var session in sessions.OfAgent(agent))
        {
            if (session is { ConnectNumber: not 0, HasSuccessor: false })
            {
                Wake(session);
                any = true;
            }
        }

        return any;
    }

    private void Wake(AgentSession session)
    {
        // A pump that was dropped a moment ago has left the table, or leaves it right now: the next look makes a new one.
        while (!_pumps.GetValue(session, NewPump).TryWake())
        {
            Thread.Yield();
        }
    }

    private SessionPump NewPump(AgentSession session) =>
        new(session, attempts, log, lost, frontDoor, clock, logger, Wake, pump => _pumps.Remove(pump.Session));

    // One call for each agent at a time, however many requests are accepted for it meanwhile.
    private async Task AskAsync(AgentKey agent)
    {
        if (!_asking.TryAdd(agent, false))
        {
            _asking.TryUpdate(agent, true, false);
            return;
        }

        do
        {
            _asking[agent] = false;
            try
            {
                await grains.GetGrain<IAgentGrain>(agent.ToString()).Deliver().BoundAsync(clock.Time);
            }
            catch (Exception e)
            {
                // The sweeper asks again within a minute.
                Log.NotAsked(logger, agent, e);
            }
        }
        while (!_asking.TryRemove(new KeyValuePair<AgentKey, bool>(agent, false)));
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableNotAsked, LogLevel.Debug, "The grain of agent {Agent} could not be asked to deliver; it is asked again.")]
        public static partial void NotAsked(ILogger logger, AgentKey agent, Exception exception);
    }
}
