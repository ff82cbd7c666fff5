using Google.Protobuf.WellKnownTypes;
using Switchboard.V1;

namespace Switchboard.Client.Tests.Fakes;

/// <summary>Creates messages of the gateway.</summary>
internal static class Messages
{
    public static AgentRequest Welcome(ulong sessionId, TimeSpan heartbeat) => new()
    {
        Control = new Control
        {
            Welcome = new Welcome { SessionId = sessionId, HeartbeatInterval = Duration.FromTimeSpan(heartbeat) },
        },
    };
}
