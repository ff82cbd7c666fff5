using System.CommandLine;
using System.Text.Json;
using Switchboard.Cli.CommandLine;

namespace Switchboard.Cli.Rest;

/// <summary>`switchboard agents`: who is connected.</summary>
internal static class AgentsCommand
{
    public static Command Build(Terminal terminal)
    {
        var url = Addresses.Rest(terminal);
        var json = new Option<bool>("--json") { Description = "Print the gateway's JSON instead of a table" };
        var command = new Command("agents", "List the agents that the gateway knows.") { url, json };
        command.SetAction(async (parsed, cancelled) =>
        {
            using var rest = new GatewayRest(terminal, parsed.GetValue(url)!);
            var asJson = parsed.GetValue(json);
            return await rest.RunAsync(
                HttpMethod.Get, "/v1/agents", null, text => terminal.WriteLineAsync(asJson ? Fields.Indented(text) : Show(text), cancelled), cancelled);
        });
        return command;
    }

    private static string Show(string text)
    {
        using var document = JsonDocument.Parse(text);
        var agents = document.RootElement.TryGetProperty("agents", out var list) ? list : document.RootElement;
        var rows = agents.EnumerateArray().Select(agent => new[]
        {
            Fields.Text(agent, "agentId") ?? "?",
            Fields.Text(agent, "status") ?? "",
            Fields.Text(agent, "softwareVersion") ?? "",
            Fields.Pairs(agent, "labels"),
        }).ToList();
        return rows.Count == 0
            ? "No agents. Connect one:  switchboard agent --id hello"
            : Table.Format(["AGENT", "STATUS", "VERSION", "LABELS"], rows);
    }
}
