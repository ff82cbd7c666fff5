using System.CommandLine;
using System.CommandLine.Help;
using Switchboard.Cli.Calling;
using Switchboard.Cli.Rest;
using Switchboard.Cli.Serving;

namespace Switchboard.Cli.CommandLine;

/// <summary>Builds and runs the command line.</summary>
internal static class SwitchboardCommand
{
    // The time that handlers have to end after Ctrl-C before the process ends regardless.
    private static readonly TimeSpan _terminationTimeout = TimeSpan.FromSeconds(5);

    private const string ExitCodes = """
        Exit codes:
          0 done, or answered with a 2xx status   1 answered with another status   2 wrong command line
          3 the agent is offline or unknown       4 no response in time            5 any other error
        """;

    /// <summary>Runs one command line and returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var root = Build(terminal);
        // What System.CommandLine prints (help, version) is text and small; responses go to the terminal's stream as bytes.
        using var text = new StreamWriter(terminal.Out, leaveOpen: true) { AutoFlush = true };
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await terminal.Error.WriteLineAsync($"switchboard: {error.Message}");
            }

            var path = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
            await terminal.Error.WriteLineAsync($"Try: switchboard {path}--help");
            return ExitCode.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = text,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = _terminationTimeout,
        };
        try
        {
            var code = await parsed.InvokeAsync(configuration, cancellationToken);
            return args.Length == 0 ? ExitCode.Usage : code;
        }
        catch (IOException error)
        {
            // Standard output failed, for example because the disk is full. Errors of the gateway's connection are
            // SwitchboardException.
            await terminal.Error.WriteLineAsync($"switchboard: cannot write the output: {error.Message}");
            return ExitCode.Failed;
        }
    }

    private static RootCommand Build(Terminal terminal)
    {
        RootCommand root = new("Serve, call and look at Switchboard agents.")
        {
            AgentCommand.Build(terminal),
            CallCommand.Build(terminal),
            AgentsCommand.Build(terminal),
            RequestsCommand.Build(terminal),
            ClusterCommand.Build(terminal),
            EchoCommand.Build(terminal),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, ExitCodes);
        return root;
    }
}
