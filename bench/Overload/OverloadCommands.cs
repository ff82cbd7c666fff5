using System.CommandLine;
using Switchboard.Bench.Servers;

namespace Switchboard.Bench.Overload;

/// <summary>The command line.</summary>
internal static class OverloadCommands
{
    private static readonly OverloadOptions _defaults = new();
    private static readonly Option<int> _pairs = Bounded("--pairs", "pairs of rounds", _defaults.Pairs, 1, 1_000);
    private static readonly Option<int> _seconds = Bounded("--seconds", "length of a round", (int)_defaults.Round.TotalSeconds, 1, 600);
    private static readonly Option<int> _warmUp =
        Bounded("--warmup", "seconds of load before", (int)_defaults.WarmUp.TotalSeconds, 0, 600);
    private static readonly Option<int> _inFlight =
        Bounded("--in-flight", "requests that the agent takes at once", _defaults.InFlight, 1, 4096);
    private static readonly Option<int> _service =
        Bounded("--service-ms", "milliseconds that each takes", (int)_defaults.Service.TotalMilliseconds, 1, 10_000);
    private static readonly Option<int> _times =
        Bounded("--times", "the load above, as a multiple of the capacity", _defaults.Times, 2, 100);
    private static readonly Option<int> _connections =
        Bounded("--connections", "connections that the callers share", _defaults.Connections, 1, 1024);
    private static readonly Option<string[]> _gateway = new("--gateway-args")
    {
        Description = "further arguments for the gateway",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    public static RootCommand Create() => new("Loads the gateway with more than fits. See docs/performance.md.")
    {
        Command(
            "paced", "an agent that takes a while for each request: open-loop callers at 0.8 and at ten times its capacity",
            Scenarios.PacedAsync, _service),
        Command(
            "cpu", "an agent that answers at once: callers that never wait, ten times as many as the agent takes", Scenarios.CpuAsync),
        Serve(),
    };

    private static Command Command(
        string name, string description, Func<OverloadOptions, CancellationToken, Task> scenario, params Option[] more)
    {
        var command = new Command(name, description) { _pairs, _seconds, _warmUp, _inFlight, _times, _connections, _gateway };
        foreach (var option in more)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, token) =>
        {
            try
            {
                await scenario(Read(parsed), token);
                return 0;
            }
            catch (BenchFailure failure)
            {
                await Console.Error.WriteLineAsync($"bench: {failure.Message}");
                return 1;
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                return 130;
            }
        });
        return command;
    }

    /// <summary>The gateway in a child process; not for people.</summary>
    private static Command Serve()
    {
        var kind = new Option<string>("--kind") { DefaultValueFactory = _ => ServerKinds.Gateway };
        var logFile = new Option<string>("--log-file") { DefaultValueFactory = _ => "" };
        var rest = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("serve") { kind, logFile, rest };
        command.Hidden = true;
        command.SetAction((parsed, token) =>
            ServerProcess.RunAsync(parsed.GetValue(kind)!, parsed.GetValue(logFile)!, parsed.GetValue(rest) ?? [], token));
        return command;
    }

    private static OverloadOptions Read(ParseResult parsed) => new()
    {
        Pairs = parsed.GetValue(_pairs),
        Round = TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(_warmUp)),
        InFlight = parsed.GetValue(_inFlight),
        Service = TimeSpan.FromMilliseconds(parsed.GetValue(_service)),
        Times = parsed.GetValue(_times),
        Connections = parsed.GetValue(_connections),
        GatewayArguments = parsed.GetValue(_gateway) ?? [],
    };

    private static Option<int> Bounded(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name) { Description = $"{description} ({least} to {most})", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            var given = result.GetValueOrDefault<int>();
            if (given < least || given > most)
            {
                result.AddError($"{name} is {given}; it may be {least} to {most}.");
            }
        });
        return option;
    }
}
