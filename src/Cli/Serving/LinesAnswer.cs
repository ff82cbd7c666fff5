using System.Text;
using Switchboard.Client;

namespace Switchboard.Cli.Serving;

/// <summary>Answers with numbered lines, one message each, so that streaming can be seen.</summary>
internal sealed class LinesAnswer(int lines, TimeSpan every, TimeProvider time)
{
    public async Task AnswerAsync(SwitchboardRequest request, IAnswerWriter answer, CancellationToken cancelled)
    {
        answer.Headers["content-type"] = "text/plain; charset=utf-8";
        for (var line = 1; line <= lines; line++)
        {
            if (line > 1)
            {
                await Task.Delay(every, time, cancelled);
            }

            await answer.WriteAsync(Encoding.UTF8.GetBytes($"{line} of {lines}\n"), cancelled);
        }
    }
}
