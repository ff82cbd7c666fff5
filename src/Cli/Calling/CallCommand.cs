using System.CommandLine;
using System.Text;
using Switchboard.Cli.CommandLine;
using Switchboard.Client;

namespace Switchboard.Cli.Calling;

/// <summary>Implements `switchboard call`, which sends a request and streams the response to standard output.</summary>
internal static class CallCommand
{
    // The maximum of a content request. The gateway checks the exact size.
    private const int MaxBodyBytes = 4 * 1024 * 1024;

    public static Command Build(Terminal terminal)
    {
        var agent = new Argument<string>("agent-id") { Description = "Whom to ask" };
        var method = new Argument<string>("method")
        {
            Description = "What to ask; a word that the agent understands",
            DefaultValueFactory = _ => "",
        };
        var url = Addresses.Grpc(terminal);
        var body = new Option<string?>("--body") { Description = "The request's body, as text", HelpName = "text" };
        var file = new Option<string?>("--body-file")
        {
            Description = "The request's body, from a file; - is standard input",
            HelpName = "path",
        };
        var headers = Pairs.Option("--header", "A header for the agent; can be given again");
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long to wait for the response to begin: 30, 500ms, 10s, 2m",
            HelpName = "time",
            CustomParser = r => Numbers.Time(r, SwitchboardCallOptions.MaxTimeout),
        };
        var connectWait = new Option<TimeSpan?>("--connect-wait")
        {
            Description = "How long to wait for an agent that is away, within --timeout: 10, 30s, 1m",
            HelpName = "time",
            CustomParser = r => Numbers.Time(r, SwitchboardCallOptions.MaxConnectWait),
        };
        var verbose = new Option<bool>("--verbose", "-v")
        {
            Description = "Tell the request's id, the status and the headers on standard error",
        };
        var command = new Command("call", "Send a request to an agent; its response streams to standard output.")
        {
            agent, method, url, body, file, headers, timeout, connectWait, verbose,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(body) is not null && result.GetValue(file) is not null)
            {
                result.AddError("--body and --body-file are two bodies; give one of them.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            terminal,
            new Call(
                parsed.GetValue(agent)!,
                parsed.GetValue(method)!,
                parsed.GetValue(url)!,
                parsed.GetValue(body),
                parsed.GetValue(file),
                parsed.GetValue(verbose)),
            new SwitchboardCallOptions
            {
                Timeout = parsed.GetValue(timeout),
                ConnectWait = parsed.GetValue(connectWait) ?? TimeSpan.Zero,
                Headers = parsed.GetValue(headers)!,
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, Call call, SwitchboardCallOptions options, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body;
        try
        {
            body = await ReadBodyAsync(terminal, call, cancellationToken);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync($"switchboard: {error.Message}");
            return ExitCode.Usage;
        }

        using var caller = new SwitchboardCaller(new SwitchboardCallerOptions { Address = call.Url, TimeProvider = terminal.Time });
        try
        {
            using var response = await caller.SendAsync(call.Agent, call.Method, body, options, cancellationToken);
            if (call.Verbose)
            {
                await WriteHeadAsync(terminal.Error, response);
            }

            await foreach (var part in response.Body.WithCancellation(cancellationToken))
            {
                await terminal.Out.WriteAsync(part, cancellationToken);
                await terminal.Out.FlushAsync(cancellationToken);
            }

            if (response.Status is >= 200 and < 300)
            {
                return ExitCode.Success;
            }

            await terminal.Error.WriteLineAsync(
                $"switchboard: the agent answered with status {response.Status} (request {response.RequestId})");
            return ExitCode.NonSuccessStatus;
        }
        catch (SwitchboardException error)
        {
            return ErrorReporter.Report(terminal, error, call.Url);
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync("switchboard: given up");
            return ExitCode.Failed;
        }
    }

    private static async Task WriteHeadAsync(TextWriter output, SwitchboardResponse response)
    {
        await output.WriteLineAsync($"request-id: {response.RequestId}");
        await output.WriteLineAsync($"status: {response.Status}");
        foreach (var (name, value) in response.Headers)
        {
            await output.WriteLineAsync($"{name}: {value}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(Terminal terminal, Call call, CancellationToken cancellationToken)
    {
        if (call.File is null)
        {
            return Encoding.UTF8.GetBytes(call.Body ?? "");
        }

        await using var file = call.File == "-" ? null : File.OpenRead(call.File);
        var source = file ?? terminal.In;
        var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await content.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            if (content.Length > MaxBodyBytes)
            {
                throw new InvalidDataException("the body is longer than a request may be, 4 MiB");
            }
        }

        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    private sealed record Call(string Agent, string Method, Uri Url, string? Body, string? File, bool Verbose);
}
