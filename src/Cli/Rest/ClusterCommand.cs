using System.CommandLine;
using System.Text.Json;
using Switchboard.Cli.CommandLine;

namespace Switchboard.Cli.Rest;

/// <summary>Implements `switchboard cluster`, which lists the front doors of the cluster.</summary>
internal static class ClusterCommand
{
    public static Command Build(Terminal terminal)
    {
        var url = Addresses.Rest(terminal);
        var json = new Option<bool>("--json") { Description = "Print the gateway's JSON instead of a table" };
        var command = new Command("cluster", "List the front doors of the cluster, and how many agents each holds.") { url, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var rest = new GatewayRest(terminal, parsed.GetValue(url)!);
            var asJson = parsed.GetValue(json);
            return await rest.RunAsync(
                HttpMethod.Get,
                "/v1/cluster",
                null,
                text => terminal.WriteLineAsync(asJson ? Fields.Indented(text) : Show(text), cancellationToken),
                cancellationToken);
        });
        return command;
    }

    private static string Show(string text)
    {
        using var document = JsonDocument.Parse(text);
        var rows = document.RootElement.GetProperty("frontDoors").EnumerateArray().Select(door => new[]
        {
            Fields.Text(door, "number") ?? "?",
            Fields.Text(door, "name") ?? "",
            Fields.Text(door, "sessions") ?? "0",
            Fields.Text(door, "peerAddress") ?? "-",
            door.TryGetProperty("isThis", out var isThis) && isThis.GetBoolean() ? "asked here" : "",
        }).ToList();
        return Table.Format(["NUMBER", "NAME", "SESSIONS", "PEERS AT", ""], rows);
    }
}
