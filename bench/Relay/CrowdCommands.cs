using System.CommandLine;
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

    private static Command Create(string name, string description, int agents, int seconds, Func<CrowdOptions, CancellationToken, Task> scenario)
    {
        var count = BenchCommands.Bounded("--agents", "how many agents", agents, 1, 50_000);
        var idle = BenchCommands.Bounded("--seconds", "how long they stay before the server's memory is read", seconds, 0, 600);
        var command = new Command(name, description) { _pairs, count, idle, _warmUp, _only, _gateway };
        command.SetAction((parsed, token) => BenchCommands.RunAsync(stop => scenario(Read(parsed, count, idle), stop), token));
        return command;
    }

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
