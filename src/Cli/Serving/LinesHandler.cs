using System.Text;
using Switchboard.Client;

namespace Switchboard.Cli.Serving;

/// <summary>Responds with numbered lines, one message each, to show how a response streams.</summary>
internal sealed class LinesHandler(int lines, TimeSpan every, TimeProvider time)
{
    /// <summary>Handles one request.</summary>
    public async Task HandleAsync(SwitchboardRequest request, IResponseWriter response, CancellationToken cancellationToken)
    {
        response.Headers["content-type"] = "text/plain; charset=utf-8";
        for (var line = 1; line <= lines; line++)
        {
            if (line > 1)
            {
                await Task.Delay(every, time, cancellationToken);
            }

            await response.WriteAsync(Encoding.UTF8.GetBytes($"{line} of {lines}\n"), cancellationToken);
        }
    }
}
