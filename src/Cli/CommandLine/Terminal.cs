namespace Switchboard.Cli.CommandLine;

/// <summary>What a command reads and writes, so that a test can hold its other end.</summary>
internal sealed class Terminal
{
    /// <summary>Bytes for a request's body.</summary>
    public required Stream In { get; init; }

    /// <summary>Bytes of an answer: as they are to a pipe or a file, with control characters shown to a terminal.</summary>
    public required Stream Out { get; init; }

    /// <summary>Text for people: errors, and what was asked for with -v.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Looks an environment variable up.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static Terminal OfThisProcess() => new()
    {
        In = Console.OpenStandardInput(),
        Out = Console.IsOutputRedirected ? Console.OpenStandardOutput() : new EscapingStream(Console.OpenStandardOutput()),
        Error = Console.IsErrorRedirected
            ? Console.Error
            : new StreamWriter(new EscapingStream(Console.OpenStandardError())) { AutoFlush = true },
        Environment = System.Environment.GetEnvironmentVariable,
    };

    /// <summary>One line of text on the same stream as answers.</summary>
    public async Task WriteLineAsync(string line, CancellationToken cancellationToken)
    {
        await Out.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
        await Out.FlushAsync(cancellationToken);
    }
}
