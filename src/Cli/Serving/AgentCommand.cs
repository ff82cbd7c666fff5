using System.CommandLine;
using Switchboard.Cli.CommandLine;
using Switchboard.Client;

namespace Switchboard.Cli.Serving;

/// <summary>Implements `switchboard agent`, which serves requests until it is stopped.</summary>
internal static class AgentCommand
{
    public static Command Build(Terminal terminal)
    {
        var id = new Option<string>("--id")
        {
            Description = "The agent's id, by which callers ask for it",
            HelpName = "agent-id",
            Required = true,
        };
        var url = Addresses.Grpc(terminal);
        var labels = Pairs.Option("--label", "Describes the agent to whoever lists agents; can be given again");
        var exec = new Option<string?>("--exec")
        {
            Description = "Runs this by the shell for each request: body on its stdin, its stdout is the response",
            HelpName = "command",
        };
        var stream = new Option<int?>("--stream")
        {
            Description = "Answers each request with so many lines, one by one",
            HelpName = "lines",
            CustomParser = Numbers.Count,
        };
        var every = new Option<int?>("--every")
        {
            Description = "Milliseconds between two lines of --stream",
            HelpName = "ms",
            CustomParser = Numbers.Count,
            DefaultValueFactory = _ => 500,
        };
        var rejoin = new Option<bool>("--rejoin")
        {
            Description = "Where another process takes the id, take it back after a minute instead of ending",
        };
        var command = new Command("agent", "Serve requests: by default, send each request's body back.")
        {
            id, url, labels, exec, stream, every, rejoin,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(exec) is not null && result.GetResult(stream) is not null)
            {
                result.AddError("--exec and --stream are two ways to answer; give one of them.");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var pause = TimeSpan.FromMilliseconds(parsed.GetValue(every) ?? 0);
            SwitchboardHandler handler =
                parsed.GetValue(exec) is { } line ? new ShellHandler(line).HandleAsync
                : parsed.GetValue(stream) is { } lines ? new LinesHandler(lines, pause, terminal.Time).HandleAsync
                : EchoAsync;
            var options = new SwitchboardAgentOptions
            {
                Address = parsed.GetValue(url)!,
                AgentId = parsed.GetValue(id)!,
                Labels = parsed.GetValue(labels)!,
                SoftwareVersion = "switchboard-cli",
                RejoinWhenDisplaced = parsed.GetValue(rejoin),
                TimeProvider = terminal.Time,
            };
            return RunAsync(terminal, options, handler, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, SwitchboardAgentOptions options, SwitchboardHandler handler, CancellationToken cancellationToken)
    {
        var reporter = new AgentReporter(terminal.Error, options.AgentId, options.Address);
        try
        {
            var agent = new SwitchboardAgent(options with { StatusChanged = reporter.Report }, reporter.Wrap(handler));
            await agent.RunAsync(cancellationToken);
            return ExitCode.Success;
        }
        catch (ArgumentException error)
        {
            await terminal.Error.WriteLineAsync($"switchboard: {error.Message}");
            return ExitCode.Usage;
        }
        catch (SwitchboardException error)
        {
            return ErrorReporter.Report(terminal, error, options.Address);
        }
    }

    private static async Task EchoAsync(SwitchboardRequest request, IResponseWriter response, CancellationToken cancellationToken)
    {
        if (request.Headers.TryGetValue("content-type", out var type))
        {
            response.Headers["content-type"] = type;
        }

        if (!request.Body.IsEmpty)
        {
            await response.WriteAsync(request.Body, cancellationToken);
        }
    }
}
