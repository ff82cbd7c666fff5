using System.CommandLine;
using Switchboard.Cli.CommandLine;

namespace Switchboard.Cli.Rest;

/// <summary>Implements `switchboard requests`, which shows the state of a request.</summary>
internal static class RequestsCommand
{
    public static Command Build(Terminal terminal)
    {
        var id = new Argument<string>("request-id") { Description = "The request's id, 16 hex digits; `call -v` prints it" };
        var url = Addresses.Rest(terminal);
        var command = new Command("requests", "Tell what became of a request.") { id, url };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var rest = new GatewayRest(terminal, parsed.GetValue(url)!);
            var path = $"/v1/requests/{Uri.EscapeDataString(parsed.GetValue(id)!)}";
            return await rest.RunAsync(
                HttpMethod.Get, path, null, text => terminal.WriteLineAsync(Fields.Indented(text), cancellationToken), cancellationToken);
        });
        return command;
    }
}
