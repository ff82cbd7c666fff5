using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Admission;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Writes a line for each session that opens and for each that ends; if many do in a second, their number instead, and each line at Debug.
/// </summary>
internal sealed partial class SessionLog(GatewayClock clock, ILogger<SessionLog> logger) : IDisposable
{
    private const int AtOnce = 10;
    private const int PerSecond = 100;

    private readonly LogThrottle<AgentSession> _opened = new(AtOnce, PerSecond);
    private readonly LogThrottle<AgentSession> _ended = new(AtOnce, PerSecond);

    /// <summary>Logs that a session is connected.</summary>
    public void Opened(AgentSession session)
    {
        var now = clock.Now;
        WriteDue(now);
        Write(session, LevelOf(_opened.TryWrite(session, now)), ended: false);
    }

    /// <summary>Logs that a session has ended, and its stream too.</summary>
    public void Ended(AgentSession session)
    {
        var now = clock.Now;
        WriteDue(now);
        // Without a number it was never opened: it was refused, and its agent got the error.
        Write(session, LevelOf(session.ConnectNumber != 0 && _ended.TryWrite(session, now)), ended: true);
    }

    /// <summary>Writes what was held back until its second has passed. Called once a second.</summary>
    public void WriteDue() => WriteDue(clock.Now);

    /// <summary>Writes what is still held back.</summary>
    public void Dispose() => WriteDue(TimeSpan.MaxValue);

    private void WriteDue(TimeSpan now)
    {
        var opened = _opened.TakeDue(now);
        WriteAll(opened.Lines, ended: false);
        if (opened.LeftOut > 0)
        {
            Log.SessionsOpened(logger, opened.LeftOut);
        }

        var ended = _ended.TakeDue(now);
        WriteAll(ended.Lines, ended: true);
        if (ended.LeftOut > 0)
        {
            Log.SessionsEnded(logger, ended.LeftOut);
        }
    }

    private void WriteAll(IReadOnlyList<AgentSession> sessions, bool ended)
    {
        // If Debug is enabled, each of them has had its line.
        if (logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        foreach (var session in sessions)
        {
            Write(session, LogLevel.Information, ended);
        }
    }

    private void Write(AgentSession session, LogLevel level, bool ended)
    {
        if (!ended)
        {
            Log.SessionOpened(logger, level, session.Agent, session.Id, session.ConnectNumber);
            return;
        }
        var cause = session.Ended!.Value.ToReason();
        Log.SessionEnded(logger, level, session.Agent, session.Id, cause);
    }

    private static LogLevel LevelOf(bool alone) => alone ? LogLevel.Information : LogLevel.Debug;

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
