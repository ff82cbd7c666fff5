using System.CommandLine;
using System.Text.Json;
using Switchboard.Cli.CommandLine;

namespace Switchboard.Cli.Rest;

/// <summary>Implements `switchboard echo`, which queues a task and prints its outcome.</summary>
internal static class EchoCommand
{
    public static Command Build(Terminal terminal)
    {
        var kind = new Argument<string>("kind") { Description = "create or delete" };
        kind.AcceptOnlyFromAmong("create", "delete");
        var message = new Argument<string>("message") { Description = "What to create or delete" };
        var url = Addresses.Rest(terminal);
        var command = new Command("echo", "Queue a task, wait until it has been applied, print its outcome.") { kind, message, url };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var rest = new GatewayRest(terminal, parsed.GetValue(url)!);
            var task = new Dictionary<string, string> { ["kind"] = parsed.GetValue(kind)!, ["message"] = parsed.GetValue(message)! };
            var json = JsonSerializer.Serialize(task);
            return await rest.RunAsync(
                HttpMethod.Post, "/echo", json, text => terminal.WriteLineAsync(text.TrimEnd('\n'), cancellationToken), cancellationToken);
        });
        return command;
    }
}
