using Google.Protobuf.WellKnownTypes;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <summary>Creates the control messages of a subscription.</summary>
internal static class ControlMessages
{
    /// <summary>The shared heartbeat, which is never changed.</summary>
    public static AgentRequest Heartbeat { get; } = new() { Control = new Control { Heartbeat = new Heartbeat() } };

    /// <summary>Creates a heartbeat with the list of requests that are at the agent.</summary>
    /// <param name="live">The ids of the requests in flight, at most 65,536: half a MiB.</param>
    public static AgentRequest Reconcile(IEnumerable<ulong> live)
    {
        var heartbeat = new Heartbeat { Reconcile = true };
        heartbeat.Live.AddRange(live);
        return new AgentRequest { Control = new Control { Heartbeat = heartbeat } };
    }

    public static AgentRequest Welcome(SessionId session, TimeSpan heartbeatInterval) => new()
    {
        Control = new Control
        {
            Welcome = new Welcome { SessionId = session.Value, HeartbeatInterval = Duration.FromTimeSpan(heartbeatInterval) },
        },
    };

    public static AgentRequest Cancel(RequestId id, Verdict verdict) => new()
    {
        Control = new Control { Cancel = new Cancel { RequestId = id.ToString(), Reason = VerdictTable.Get(verdict).Reason } },
    };

    /// <summary>Creates the last message of a subscription.</summary>
    /// <param name="reason">One of draining, displaced, kicked, revoked, protocol.</param>
    /// <param name="reconnectAfter">The time after which to reconnect; null: never.</param>
    public static AgentRequest GoAway(string reason, TimeSpan? reconnectAfter) => new()
    {
        Control = new Control
        {
            GoAway = new GoAway
            {
                Reason = reason,
                ReconnectAfter = reconnectAfter is { } after ? Duration.FromTimeSpan(after) : null,
            },
        },
    };
}
