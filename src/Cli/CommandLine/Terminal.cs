namespace Switchboard.Cli.CommandLine;

/// <summary>Provides the streams, the environment and the clock of a command, so that tests can replace them.</summary>
internal sealed class Terminal
{
    /// <summary>Gets the stream that a request's body is read from.</summary>
    public required Stream In { get; init; }

    /// <summary>Gets the stream that responses are written to. On a terminal it escapes control characters; pipes and files get the bytes
    /// as they are.</summary>
    public required Stream Out { get; init; }

    /// <summary>Gets the writer of messages for people: errors, and the output of -v.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Gets the function that returns the value of an environment variable.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>Gets the clock. The default value is <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Creates the terminal of this process.</summary>
    public static Terminal ForCurrentProcess() => new()
    {
        In = Console.OpenStandardInput(),
        Out = Console.IsOutputRedirected ? Console.OpenStandardOutput() : new EscapingStream(Console.OpenStandardOutput()),
        Error = Console.IsErrorRedirected
            ? Console.Error
            : new StreamWriter(new EscapingStream(Console.OpenStandardError())) { AutoFlush = true },
        Environment = System.Environment.GetEnvironmentVariable,
    };

    /// <summary>Writes a line of text to <see cref="Out"/>.</summary>
    public async Task WriteLineAsync(string line, CancellationToken cancellationToken)
    {
        await Out.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
        await Out.FlushAsync(cancellationToken);
    }
}
