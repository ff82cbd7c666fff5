using Switchboard.Abstractions;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <content>Log messages.</content>
internal sealed partial class SessionCalls
{
    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionIndexUntold, LogLevel.Debug, "The index could not be told that agent {Agent} is connected.")]
        public static partial void IndexUntold(ILogger logger, AgentKey agent, Exception exception);

        [LoggerMessage(EventIds.SessionAnnounceFailed, LogLevel.Warning, "Session {Session} of agent {Agent} could not be announced to its grain.")]
        public static partial void AnnounceFailed(ILogger logger, AgentKey agent, SessionId session, Exception exception);

        [LoggerMessage(EventIds.SessionFarewellFailed, LogLevel.Warning, "The end of session {Session} of agent {Agent} could not be reported.")]
        public static partial void FarewellFailed(ILogger logger, AgentKey agent, SessionId session, Exception exception);
    }
}
