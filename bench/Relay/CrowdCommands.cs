using System.CommandLine;
using System.Net;
using Switchboard.Bench.Measure;

namespace Switchboard.Bench;

/// <summary>The commands whose load is agents that only connect.</summary>
internal static class CrowdCommands
{
    private static readonly CrowdOptions _defaults = new();

    private static readonly Option<int> _pairs =
        BenchCommands.Bounded("--pairs", "pairs of rounds, each round against a server of its own", _defaults.Pairs, 1, 100);

    private static readonly Option<int> _warmUp =
        BenchCommands.Bounded("--warmup", "agents that come and go at each server before", _defaults.WarmUpAgents, 1, 50_000);

    private static readonly Option<string> _only =
        BenchCommands.OneOf("--only", "measure one side alone, to profile it", "both", "both", "gateway", "bare");

    private static readonly Option<string[]> _gateway = new("--gateway-args")
    {
        Description = "further arguments for the gateway, such as Logging:LogLevel:Default=Debug",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Idle() => Create(
        "idle", "memory of idle agents, each on a connection of its own, against the bare relay", 2_000, 15, CrowdScenarios.IdleAsync);

    public static Command Connect() => Create(
        "connect", "agents that connect at once, each over a connection of its own, against the bare relay", 10_000, 1, CrowdScenarios.ConnectAsync);

    /// <summary>Agents for a gateway that somebody has started.</summary>
    public static Command Visit()
    {
        var server = new Option<string>("--server")
        {
            Description = "where the gateway speaks gRPC, with its address",
            DefaultValueFactory = _ => "http://127.0.0.1:8081",
        };
        var (count, idle) = (Count(10_000), Seconds("how long they stay", 15));
        server.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var uri) || !IPAddress.TryParse(uri.Host, out _))
            {
                result.AddError("--server must be an address such as http://127.0.0.1:8081.");
            }
        });
        var command = new Command("visit", "agents that connect at once to a gateway that runs already, and stay a while") { server, count, idle };
        command.SetAction((parsed, token) => BenchCommands.RunAsync(
            stop => CrowdScenarios.VisitAsync(new Uri(parsed.GetValue(server)!), Read(parsed, count, idle), stop), token));
        return command;
    }

    private static Command Create(string name, string description, int agents, int seconds, Func<CrowdOptions, CancellationToken, Task> scenario)
    {
        var (count, idle) = (Count(agents), Seconds("how long they stay before the server's memory is read", seconds));
        var command = new Command(name, description) { _pairs, count, idle, _warmUp, _only, _gateway };
        command.SetAction((parsed, token) => BenchCommands.RunAsync(stop => scenario(Read(parsed, count, idle), stop), token));
        return command;
    }

    private static Option<int> Count(int value) => BenchCommands.Bounded("--agents", "how many agents", value, 1, 50_000);

    private static Option<int> Seconds(string description, int value) => BenchCommands.Bounded("--seconds", description, value, 0, 600);

    private static CrowdOptions Read(ParseResult parsed, Option<int> count, Option<int> idle) => new()
    {
        Pairs = parsed.GetValue(_pairs),
        Agents = parsed.GetValue(count),
        WarmUpAgents = parsed.GetValue(_warmUp),
        Idle = TimeSpan.FromSeconds(parsed.GetValue(idle)),
        Only = parsed.GetValue(_only) is { } only and not "both" ? only : "",
        GatewayArguments = parsed.GetValue(_gateway) ?? [],
    };
}
