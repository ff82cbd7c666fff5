using Google.Protobuf.WellKnownTypes;
using Switchboard.Api.Errors;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <summary>What the gateway says on a subscription beside requests.</summary>
internal static class Controls
{
    /// <summary>The one heartbeat there is; nobody writes to it.</summary>
    public static AgentRequest Heartbeat { get; } = new() { Control = new Control { Heartbeat = new Heartbeat() } };

    /// <summary>A heartbeat that says which requests are at the agent.</summary>
    /// <param name="live">As many as are in flight, at most 65,536: half a MiB.</param>
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

    /// <summary>The last word on a subscription.</summary>
    /// <param name="reason">One of draining, displaced, kicked, revoked, protocol.</param>
    /// <param name="reconnectAfter">Null: don't come back.</param>
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
