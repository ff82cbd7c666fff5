using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Switchboard.Api.Tests.Http;

/// <summary>Keeps what a host logs, from a level on.</summary>
internal sealed class LogBook(LogLevel least = LogLevel.Information) : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, LogLevel Level, string Text)> _lines = new();

    public IReadOnlyCollection<(string Category, LogLevel Level, string Text)> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Book(categoryName, least, _lines);

    public void Dispose()
    {
    }

    private sealed class Book(string category, LogLevel least, ConcurrentQueue<(string, LogLevel, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines.Enqueue((category, logLevel, formatter(state, exception) + exception));
            }
        }
    }
}
