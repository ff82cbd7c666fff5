using System.Globalization;
using System.Text;
using Switchboard.Client;

namespace Switchboard.Silo.Demo;

/// <summary>
/// The agent of <c>--demo</c>: an ordinary agent that dials this gateway's own gRPC port. It answers any request with five lines,
/// one every 300 ms, so that one <c>curl</c> shows an answer that streams.
/// </summary>
internal static class DemoAgent
{
    /// <summary>Its id.</summary>
    public const string Id = "demo";

    private const int Lines = 5;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(300);

    /// <summary>An agent that is ready to run.</summary>
    /// <param name="gateway">The gRPC address.</param>
    /// <param name="clock">What the pauses between the lines are measured by.</param>
    /// <param name="loggers">Where it logs.</param>
    public static SwitchboardAgent Create(Uri gateway, TimeProvider clock, ILoggerFactory loggers) => new(
        new SwitchboardAgentOptions
        {
            Address = gateway,
            AgentId = Id,
            Labels = new Dictionary<string, string> { ["kind"] = "demo" },
            LoggerFactory = loggers,
            TimeProvider = clock,
        },
        (request, answer, cancelled) => AnswerAsync(request, answer, clock, cancelled));

    private static async Task AnswerAsync(SwitchboardRequest request, IAnswerWriter answer, TimeProvider clock, CancellationToken cancelled)
    {
        answer.Headers["content-type"] = "text/plain; charset=utf-8";
        var asked = request.Method.Length > 0 ? request.Method : "nothing in particular";
        for (var line = 1; line <= Lines; line++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{line} of {Lines}: you asked for {asked}, with {request.Body.Length} bytes\n");
            await answer.WriteAsync(Encoding.UTF8.GetBytes(text), cancelled);
            if (line < Lines) await Task.Delay(_pause, clock, cancelled);
        }
    }
}
