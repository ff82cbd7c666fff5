using System.CommandLine;
using System.Text;
using Switchboard.Cli.CommandLine;
using Switchboard.Client;

namespace Switchboard.Cli.Calling;

/// <summary>`switchboard call`: sends one request and streams the answer to standard output.</summary>
internal static class CallCommand
{
    // What a request may be as a whole is 4 MiB (DESIGN.md, section 4); the gateway looks at the exact size.
    private const int LongestBody = 4 * 1024 * 1024;

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
            Description = "How long to wait for the answer to begin: 30, 500ms, 10s, 2m",
            HelpName = "time",
            CustomParser = r => Numbers.Time(r, SwitchboardCallOptions.LongestTimeout),
        };
        var connectWait = new Option<TimeSpan?>("--connect-wait")
        {
            Description = "How long to wait for an agent that is away, within --timeout: 10, 30s, 1m",
            HelpName = "time",
            CustomParser = r => Numbers.Time(r, SwitchboardCallOptions.LongestConnectWait),
        };
        var verbose = new Option<bool>("--verbose", "-v")
        {
            Description = "Tell the request's id, the status and the headers on standard error",
        };
        var command = new Command("call", "Send a request to an agent; its answer streams to standard output.")
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
        command.SetAction((parsed, cancelled) => RunAsync(
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
            cancelled));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, Call call, SwitchboardCallOptions options, CancellationToken cancelled)
    {
        ReadOnlyMemory<byte> body;
        try
        {
            body = await BodyAsync(terminal, call, cancelled);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync($"switchboard: {error.Message}");
            return ExitCode.Usage;
        }

        using var caller = new SwitchboardCaller(new SwitchboardCallerOptions { Address = call.Url, TimeProvider = terminal.Time });
        try
        {
            using var answer = await caller.SendAsync(call.Agent, call.Method, body, options, cancelled);
            if (call.Verbose)
            {
                await TellAsync(terminal.Error, answer);
            }

            await foreach (var part in answer.Body.WithCancellation(cancelled))
            {
                await terminal.Out.WriteAsync(part, cancelled);
                await terminal.Out.FlushAsync(cancelled);
            }

            if (answer.Status is >= 200 and < 300)
            {
                return ExitCode.Done;
            }

            await terminal.Error.WriteLineAsync(
                $"switchboard: the agent answered with status {answer.Status} (request {answer.RequestId})");
            return ExitCode.AnsweredOther;
        }
        catch (SwitchboardException error)
        {
            return Trouble.Tell(terminal, error, call.Url);
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync("switchboard: given up");
            return ExitCode.Failed;
        }
    }

    private static async Task TellAsync(TextWriter output, SwitchboardAnswer answer)
    {
        await output.WriteLineAsync($"request-id: {answer.RequestId}");
        await output.WriteLineAsync($"status: {answer.Status}");
        foreach (var (name, value) in answer.Headers)
        {
            await output.WriteLineAsync($"{name}: {value}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(Terminal terminal, Call call, CancellationToken cancelled)
    {
        if (call.File is null)
        {
            return Encoding.UTF8.GetBytes(call.Body ?? "");
        }

        await using var file = call.File == "-" ? null : File.OpenRead(call.File);
        var source = file ?? terminal.In;
        var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await source.ReadAsync(buffer, cancelled)) > 0)
        {
            await whole.WriteAsync(buffer.AsMemory(0, read), cancelled);
            if (whole.Length > LongestBody)
            {
                throw new InvalidDataException("the body is longer than a request may be, 4 MiB");
            }
        }

        return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }

    private sealed record Call(string Agent, string Method, Uri Url, string? Body, string? File, bool Verbose);
}
