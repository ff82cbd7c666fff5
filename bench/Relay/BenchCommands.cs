using System.CommandLine;
using Switchboard.Bench.Measure;
using Switchboard.Bench.Servers;

namespace Switchboard.Bench;

/// <summary>The command line.</summary>
internal static class BenchCommands
{
    private static readonly BenchOptions _defaults = new();

    private static readonly Option<int> _pairs = Bounded("--pairs", "pairs of rounds, one against each server", _defaults.Pairs, 1, 1_000);
    private static readonly Option<int> _seconds = Bounded("--seconds", "length of a round", (int)_defaults.Round.TotalSeconds, 1, 600);
    private static readonly Option<int> _warmUp =
        Bounded("--warmup", "seconds of load on each server before", (int)_defaults.WarmUp.TotalSeconds, 0, 600);

    private static readonly Option<int> _callers =
        Bounded("--callers", "callers, each with one request at a time", _defaults.Callers, 1, 4_096);

    private static readonly Option<int> _agents =
        Bounded("--agents", "agents, each on a connection of its own", _defaults.Agents, 1, 1_024);

    private static readonly Option<int> _connections =
        Bounded("--connections", "connections that the gRPC callers share", _defaults.Connections, 1, 1_024);

    private static readonly Option<int> _bytes = Bounded("--bytes", "length of a request's body", _defaults.BodyBytes, 32, 1 << 20);
    private static readonly Option<int> _messages = Bounded("--messages", "messages of an answer", _defaults.Messages, 1, 1_000);
    private static readonly Option<string> _caller = OneOf("--caller", "what the callers speak", "grpc", "grpc", "rest");
    private static readonly Option<string> _against =
        OneOf("--against", "the relay on bare Kestrel, or on the gRPC framework", "kestrel", "kestrel", "grpc");

    private static readonly Option<string> _only =
        OneOf("--only", "measure one side alone, to profile it", "both", "both", "gateway", "bare");

    private static readonly Option<string> _level =
        OneOf("--level", "log level of the logging side", "Information", "Information", "Debug", "Trace");

    private static readonly Option<string[]> _gateway = new("--gateway-args")
    {
        Description = "further arguments for the gateway, such as Switchboard:FrontDoor:Observers=2",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    public static RootCommand Create() => new("Measures the gateway against bare Kestrel in one run. See docs/performance.md.")
    {
        Relay(),
        Echo(),
        Log(),
        CrowdCommands.Idle(),
        CrowdCommands.Connect(),
        CrowdCommands.Visit(),
        Serve(),
    };

    private static Command Relay()
    {
        var command = new Command("relay", "requests relayed to agents, against a bare-Kestrel relay that speaks the same wire")
        {
            _pairs, _seconds, _warmUp, _callers, _agents, _connections, _bytes, _messages, _caller, _against, _only, _gateway,
        };
        command.SetAction((parsed, token) => RunAsync(Scenarios.RelayAsync, parsed, token));
        return command;
    }

    private static Command Echo()
    {
        var command = new Command("echo", "POST /echo, against a minimal API that only formats the answer")
        {
            _pairs, _seconds, _warmUp, _callers, _only, _gateway,
        };
        command.SetAction((parsed, token) => RunAsync(Scenarios.EchoAsync, parsed, token));
        return command;
    }

    private static Command Log()
    {
        var command = new Command("log", "POST /echo of the gateway that logs to a file, against the one that does not log")
        {
            _pairs, _seconds, _warmUp, _callers, _level, _gateway,
        };
        command.SetAction((parsed, token) => RunAsync(Scenarios.LogAsync, parsed, token));
        return command;
    }

    /// <summary>A server in a child process; not for people.</summary>
    private static Command Serve()
    {
        string[] kinds = [ServerKinds.Gateway, ServerKinds.BareRelay, ServerKinds.GrpcRelay, ServerKinds.BareEcho];
        var kind = OneOf("--kind", "which server", ServerKinds.Gateway, kinds);
        var logFile = new Option<string>("--log-file") { DefaultValueFactory = _ => "" };
        var rest = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("serve") { kind, logFile, rest };
        command.Hidden = true;
        command.SetAction((parsed, token) =>
            ServerProcess.RunAsync(parsed.GetValue(kind)!, parsed.GetValue(logFile)!, parsed.GetValue(rest) ?? [], token));
        return command;
    }

    private static Task<int> RunAsync(Func<BenchOptions, CancellationToken, Task> scenario, ParseResult parsed, CancellationToken token) =>
        RunAsync(stop => scenario(Read(parsed), stop), token);

    /// <summary>Runs a scenario and returns the exit code.</summary>
    public static async Task<int> RunAsync(Func<CancellationToken, Task> scenario, CancellationToken token)
    {
        try
        {
            await scenario(token);
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
    }

    /// <summary>An option that the command does not have reads as its default.</summary>
    private static BenchOptions Read(ParseResult parsed) => new()
    {
        Pairs = parsed.GetValue(_pairs),
        Round = TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(_warmUp)),
        Callers = parsed.GetValue(_callers),
        Agents = Or(parsed.GetValue(_agents), _defaults.Agents),
        Connections = Or(parsed.GetValue(_connections), _defaults.Connections),
        BodyBytes = Or(parsed.GetValue(_bytes), _defaults.BodyBytes),
        Messages = Or(parsed.GetValue(_messages), _defaults.Messages),
        Rest = parsed.GetValue(_caller) == "rest",
        AgainstGrpc = parsed.GetValue(_against) == "grpc",
        Only = parsed.GetValue(_only) is { } only and not "both" ? only : "",
        LogLevel = parsed.GetValue(_level) ?? _defaults.LogLevel,
        GatewayArguments = parsed.GetValue(_gateway) ?? [],
    };

    private static int Or(int value, int otherwise) => value == 0 ? otherwise : value;

    public static Option<int> Bounded(string name, string description, int value, int least, int most)
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

    public static Option<string> OneOf(string name, string description, string value, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => value };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
