using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Switchboard.Grains.Tests.Support;

/// <summary>What the grains log. A test asks for events by their number; an error that no test expects fails it.</summary>
internal sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<(int Event, LogLevel Level, string Text)> _entries = new();

    /// <summary>An event whose logging throws, as a broken sink does.</summary>
    public int Breaks { get; set; } = -1;

    public int Count(int eventId) => _entries.Count(e => e.Event == eventId);

    public IReadOnlyList<string> Errors => _entries.Where(e => e.Level >= LogLevel.Error).Select(e => e.Text).ToList();

    public ILogger CreateLogger(string categoryName) => new Sink(this, categoryName.StartsWith("Switchboard.", StringComparison.Ordinal));

    public void Dispose()
    {
    }

    private sealed class Sink(LogCapture capture, bool ours) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => ours;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!ours)
                return;
            capture._entries.Enqueue((eventId.Id, logLevel, $"{formatter(state, exception)} {exception}"));
            if (eventId.Id == capture.Breaks)
                throw new IOException("The log's disk is full.");
        }
    }
}
