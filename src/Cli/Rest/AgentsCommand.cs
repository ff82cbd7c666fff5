using System.CommandLine;
using System.Text.Json;
using Switchboard.Cli.CommandLine;

namespace Switchboard.Cli.Rest;

/// <summary>Implements `switchboard agents`, which lists agents, and `switchboard agents kick`, which ends an agent's sessions.</summary>
internal static class AgentsCommand
{
    public static Command Build(Terminal terminal)
    {
        var url = Addresses.Rest(terminal);
        var json = new Option<bool>("--json") { Description = "Print the gateway's JSON instead of a table" };
        var cursor = new Option<string?>("--cursor")
        {
            Description = "The next page of a long list; the page before names it",
            HelpName = "cursor",
        };
        var command = new Command("agents", "List the agents that the gateway knows, or send one away.") { url, json, cursor, Kick(terminal) };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var rest = new GatewayRest(terminal, parsed.GetValue(url)!);
            var asJson = parsed.GetValue(json);
            var path = parsed.GetValue(cursor) is { } page ? $"/v1/agents?cursor={Uri.EscapeDataString(page)}" : "/v1/agents";
            return await rest.RunAsync(
                HttpMethod.Get,
                path,
                null,
                text => terminal.WriteLineAsync(asJson ? Fields.Indented(text) : Show(text), cancellationToken),
                cancellationToken);
        });
        return command;
    }

    private static Command Kick(Terminal terminal)
    {
        var id = new Argument<string>("agent-id") { Description = "The agent's id" };
        var url = Addresses.Rest(terminal);
        var command = new Command("kick", "End every session of an agent; it may come back after a while.") { id, url };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var rest = new GatewayRest(terminal, parsed.GetValue(url)!);
            var agent = parsed.GetValue(id)!;
            return await rest.RunAsync(
                HttpMethod.Delete,
                $"/v1/agents/{Uri.EscapeDataString(agent)}/sessions",
                null,
                _ => terminal.WriteLineAsync($"agent {agent} is not connected any more", cancellationToken),
                cancellationToken);
        });
        return command;
    }

    private static string Show(string text)
    {
        using var document = JsonDocument.Parse(text);
        var agents = document.RootElement.GetProperty("agents");
        var rows = agents.EnumerateArray().Select(agent => new[]
        {
            Fields.Text(agent, "agentId") ?? "?",
            Fields.Text(agent, "status") ?? "",
            Fields.Text(agent, "lastSeen") ?? "",
            Fields.Text(agent, "softwareVersion") ?? "",
            Fields.Pairs(agent, "labels"),
        }).ToList();
        var table = rows.Count == 0
            ? "No agents. Connect one:  switchboard agent --id hello"
            : Table.Format(["AGENT", "STATUS", "LAST SEEN", "VERSION", "LABELS"], rows);
        return Fields.Text(document.RootElement, "cursor") is { Length: > 0 } next
            ? $"{table}\nThere are more:  switchboard agents --cursor {next}"
            : table;
    }
}
