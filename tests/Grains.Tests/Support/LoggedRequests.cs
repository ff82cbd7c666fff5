using Switchboard.Abstractions.Durable;

namespace Switchboard.Grains.Tests.Support;

/// <summary>Durable requests for tests.</summary>
internal static class LoggedRequests
{
    /// <summary>One for the agent <c>default/worker</c> that lives an hour, and whose caller waits for its end.</summary>
    public static NewRequest New(ulong id) => new()
    {
        Id = id,
        AgentKey = "default/worker",
        Method = "work",
        AcceptedAt = DateTimeOffset.UnixEpoch,
        TimeToLive = TimeSpan.FromHours(1),
        FirstMessage = TimeSpan.FromSeconds(30),
        RequestBytes = 1,
        Payload = new byte[1],
        Watched = true,
    };
}
