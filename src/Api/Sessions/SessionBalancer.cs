using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Asks some agents to connect anew where this front door holds more than its share of the cluster's sessions, as after a roll: a shell
/// around <see cref="SessionBalance"/>. Each session goes as it does when the process stops: its agent opens another one first, and it ends
/// when what it has is done.
/// </summary>
internal sealed partial class SessionBalancer(
    SessionRegistry sessions, SessionAnnouncer calls, IFrontDoor frontDoor, SwitchboardMeter meter, GatewayClock clock,
    IOptions<FrontDoorOptions> options, IOptions<AgentSessionOptions> limits, IOptions<ShutdownOptions> shutdown, ILogger<SessionBalancer> logger)
    : IFrontDoorParticipant
{
    private const int CallsAtOnce = 16;

    // Those with the fewest requests under way are moved, of so many times as many as are wanted: not all are looked at.
    private const int LookedAt = 4;

    /// <summary>
    /// How long an agent is left alone that was asked once: it may have come back here, and would again where a balancer goes by addresses.
    /// </summary>
    private static readonly TimeSpan _rest = TimeSpan.FromHours(1);

    // Soon enough to hear that its agent is connected elsewhere, where the agent's grain could not say so at once.
    private static readonly TimeSpan _announceAfter = TimeSpan.FromSeconds(10);

    private readonly SessionBalance _balance = new(options.Value.RebalanceRate, options.Value.RebalanceAfter);
    private readonly RestingAgents _resting = new(limits.Value.MaxSessions, _rest);

    // Asked to go and not ended yet; no more than there are sessions. Guarded by the lock.
    private readonly List<AgentSession> _leaving = [];
    private readonly Lock _gate = new();
    private Task _asking = Task.CompletedTask;

    /// <summary>Ends the sessions that are done, and moves the next ones. Calls come one at a time, with each renewal.</summary>
    public void OnRenewed(ClusterSessions cluster)
    {
        EndDone();
        if (!options.Value.Rebalance || frontDoor.Stopping || !_asking.IsCompleted)
        {
            return;
        }

        // Alone, its sessions are not even counted.
        if (cluster.FrontDoors < 2)
        {
            _balance.Settle();
            return;
        }

        var staying = sessions.All.Where(static s => !s.Retiring).ToList();
        var wasMoving = _balance.IsMoving;
        var count = _balance.Next(staying.Count, cluster);
        if (count == 0)
        {
            return;
        }

        var chosen = Choose(staying, count);
        var level = wasMoving ? LogLevel.Debug : LogLevel.Information;
        Log.Moving(logger, level, chosen.Count, staying.Count, cluster.Total, cluster.FrontDoors);
        _asking = AskAsync(chosen);
    }

    private void EndDone()
    {
        AgentSession[] leaving;
        lock (_gate)
        {
            if (_leaving.Count == 0)
            {
                return;
            }

            _leaving.RemoveAll(static session => session.HasEnded);
            leaving = [.. _leaving];
        }

        // Once it has a successor it takes nothing more, so that none in flight means that none will be.
        foreach (var session in leaving.Where(static s => s is { HasSuccessor: true, InFlight: 0 }))
        {
            session.End(SessionEndCause.Draining);
        }
    }

    // One whose connect is under way its grain does not know yet.
    private List<AgentSession> Choose(List<AgentSession> staying, int count) =>
    [
        .. staying.Where(s => s.ConnectNumber != 0 && !_resting.IsResting(s.Agent, clock.Now))
            .Take(count * LookedAt)
            .OrderBy(static s => s.InFlight)
            .Where(s => _resting.TryAdd(s.Agent, clock.Now))
            .Take(count),
    ];

    private async Task AskAsync(List<AgentSession> chosen)
    {
        // Not on the thread of the renewals.
        await Task.Yield();
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce };
        await Parallel.ForEachAsync(chosen, atOnce, async (session, _) => await AskAsync(session));
    }

    // The grain first, unlike in a stop, which cannot wait for it: the agent might connect elsewhere before its grain knows that this
    // session retires, and then displace it, with the requests that its agent has not begun to answer.
    private async Task AskAsync(AgentSession session)
    {
        if (frontDoor.Stopping || !await calls.RetireAsync(session) || !session.Retire(ReconnectSpread.Next(shutdown.Value.ReconnectSpread)))
        {
            return;
        }

        session.AnnounceAt = clock.Now + _announceAfter;
        meter.SessionMoved();
        lock (_gate)
        {
            _leaving.Add(session);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = EventIds.SessionsMoving,
            Message = "{Count} agents are asked to connect anew: here are {Held} of the cluster's {Total} sessions, with {FrontDoors} front doors.")]
        public static partial void Moving(ILogger logger, LogLevel level, int count, int held, long total, int frontDoors);
    }
}
