using System.Globalization;
using System.Text;
using Switchboard.Client;

namespace Switchboard.Silo.Demo;

/// <summary>
/// Creates the agent of <c>--demo</c>, which connects to this gateway's own gRPC port. It responds to every request with five lines, one
/// every 300 ms, so that one <c>curl</c> shows a response that streams.
/// </summary>
internal static class DemoAgent
{
    /// <summary>The id of the agent.</summary>
    public const string Id = "demo";

    private const int Lines = 5;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Creates an agent that has not been run.</summary>
    /// <param name="gateway">The gRPC address.</param>
    /// <param name="clock">The clock of the pauses between the lines.</param>
    /// <param name="loggers">Creates the agent's loggers.</param>
    public static SwitchboardAgent Create(Uri gateway, TimeProvider clock, ILoggerFactory loggers) => new(
        new SwitchboardAgentOptions
        {
            Address = gateway,
            AgentId = Id,
            Labels = new Dictionary<string, string> { ["kind"] = "demo" },
            LoggerFactory = loggers,
            TimeProvider = clock,
        },
        (request, response, cancellationToken) => HandleAsync(request, response, clock, cancellationToken));

    private static async Task HandleAsync(
        SwitchboardRequest request, IResponseWriter response, TimeProvider clock, CancellationToken cancellationToken)
    {
        response.Headers["content-type"] = "text/plain; charset=utf-8";
        var asked = request.Method.Length > 0 ? request.Method : "nothing in particular";
        for (var line = 1; line <= Lines; line++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{line} of {Lines}: you asked for {asked}, with {request.Body.Length} bytes\n");
            await response.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            if (line < Lines)
            {
                await Task.Delay(_pause, clock, cancellationToken);
            }
        }
    }
}
