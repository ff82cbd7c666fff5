using Switchboard.Abstractions;

namespace Switchboard.Api.Sessions;

/// <content>Log messages.</content>
internal sealed partial class SessionPulse
{
    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionPulseFailed, LogLevel.Error, "A look over the sessions failed.")]
        public static partial void PulseFailed(ILogger logger, Exception exception);
    }
}
