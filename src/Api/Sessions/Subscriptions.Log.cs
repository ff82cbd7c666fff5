using Switchboard.Abstractions;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <content>Log messages.</content>
internal sealed partial class Subscriptions
{
    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionConnectFailed, LogLevel.Warning, "Session {Session} of agent {Agent} could not be registered with its grain.")]
        public static partial void ConnectFailed(ILogger logger, AgentKey agent, SessionId session, Exception exception);

        [LoggerMessage(EventIds.SessionStreamFailed, LogLevel.Debug, "The stream of session {Session} of agent {Agent} failed.")]
        public static partial void StreamFailed(ILogger logger, AgentKey agent, SessionId session, Exception exception);
    }
}
