using Switchboard.Abstractions;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <content>Log messages.</content>
internal sealed partial class SessionLog
{
    private static partial class Log
    {
        [LoggerMessage(EventId = EventIds.SessionOpened, Message = "Agent {Agent} is connected: session {Session}, connect {ConnectNumber}.")]
        public static partial void SessionOpened(ILogger logger, LogLevel level, AgentKey agent, SessionId session, long connectNumber);

        [LoggerMessage(EventId = EventIds.SessionEnded, Message = "Session {Session} of agent {Agent} is over: {Cause}.")]
        public static partial void SessionEnded(ILogger logger, LogLevel level, AgentKey agent, SessionId session, string cause);

        [LoggerMessage(EventIds.SessionsOpened, LogLevel.Information, "{Count} more agents have connected within a second; level Debug names each.")]
        public static partial void SessionsOpened(ILogger logger, int count);

        [LoggerMessage(EventIds.SessionsEnded, LogLevel.Information, "{Count} more sessions have ended within a second; level Debug names each.")]
        public static partial void SessionsEnded(ILogger logger, int count);
    }
}
