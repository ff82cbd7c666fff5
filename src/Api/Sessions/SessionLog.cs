using Switchboard.Api.Requests;
using Switchboard.Core.Admission;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Writes a line for each session that opens and for each that ends; where many do in a second, their number instead, and each line at Debug.
/// </summary>
internal sealed partial class SessionLog(GatewayClock clock, ILogger<SessionLog> logger) : IDisposable
{
    private const int AtOnce = 10;
    private const int PerSecond = 100;

    private readonly LogThrottle<AgentSession> _opened = new(AtOnce, PerSecond);
    private readonly LogThrottle<AgentSession> _ended = new(AtOnce, PerSecond);

    /// <summary>A session is connected.</summary>
    public void Opened(AgentSession session)
    {
        TimeSpan now = clock.Now;
        WriteDue(now);
        Write(session, LevelOf(_opened.TryWrite(session, now)), ended: false);
    }

    /// <summary>A session is over, and its stream too.</summary>
    public void Ended(AgentSession session)
    {
        TimeSpan now = clock.Now;
        WriteDue(now);
        // Without a number it was never opened: a refusal, which its agent hears of.
        Write(session, LevelOf(session.ConnectNumber != 0 && _ended.TryWrite(session, now)), ended: true);
    }

    /// <summary>Writes what was held back until its second is over. Called once a second.</summary>
    public void WriteDue() => WriteDue(clock.Now);

    /// <summary>Writes what is still held back.</summary>
    public void Dispose() => WriteDue(TimeSpan.MaxValue);

    private void WriteDue(TimeSpan now)
    {
        LinesDue<AgentSession> opened = _opened.TakeDue(now);
        WriteAll(opened.Lines, ended: false);
        if (opened.LeftOut > 0)
            Log.SessionsOpened(logger, opened.LeftOut);
        LinesDue<AgentSession> ended = _ended.TakeDue(now);
        WriteAll(ended.Lines, ended: true);
        if (ended.LeftOut > 0)
            Log.SessionsEnded(logger, ended.LeftOut);
    }

    private void WriteAll(IReadOnlyList<AgentSession> sessions, bool ended)
    {
        // Where Debug is written, each of them has had its line.
        if (logger.IsEnabled(LogLevel.Debug))
            return;
        foreach (AgentSession session in sessions)
            Write(session, LogLevel.Information, ended);
    }

    private void Write(AgentSession session, LogLevel level, bool ended)
    {
        if (!ended)
        {
            Log.SessionOpened(logger, level, session.Agent, session.Id, session.ConnectNumber);
            return;
        }
        string cause = session.Ended!.Value.Word();
        Log.SessionEnded(logger, level, session.Agent, session.Id, cause);
    }

    private static LogLevel LevelOf(bool alone) => alone ? LogLevel.Information : LogLevel.Debug;
}
