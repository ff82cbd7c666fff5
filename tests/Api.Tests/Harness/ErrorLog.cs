using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Switchboard.Api.Tests.Harness;

/// <summary>Keeps what is logged as an error: "a person must look", so a test in which it happens fails.</summary>
internal sealed class ErrorLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _errors = new();

    public IReadOnlyCollection<string> Errors => _errors;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(ErrorLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // A caller that goes while its request is still being read: the framework's own race, which it logs as an error where the
            // reset is seen before the cancellation.
            if (exception is IOException && category.StartsWith("Grpc.", StringComparison.Ordinal))
            {
                return;
            }

            if (IsEnabled(logLevel))
            {
                log._errors.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
