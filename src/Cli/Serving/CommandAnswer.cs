using System.Diagnostics;
using Switchboard.Client;

namespace Switchboard.Cli.Serving;

/// <summary>
/// Answers with what a shell command writes to its standard output, as it writes it. A command that fails makes the request fail; one
/// whose request is given up is killed, with what it started.
/// </summary>
internal sealed class CommandAnswer(string command)
{
    private const int ChunkBytes = 32 * 1024;

    public async Task AnswerAsync(SwitchboardRequest request, IAnswerWriter answer, CancellationToken cancelled)
    {
        using var process = Start(request);
        try
        {
            var feeding = FeedAsync(process, request.Body, cancelled);
            var buffer = new byte[ChunkBytes];
            int read;
            while ((read = await process.StandardOutput.BaseStream.ReadAsync(buffer, cancelled)) > 0)
            {
                await answer.WriteAsync(buffer.AsMemory(0, read), cancelled);
            }

            await feeding;
            await process.WaitForExitAsync(cancelled);
            if (process.ExitCode != 0)
            {
                await answer.FailAsync($"the command ended with exit code {process.ExitCode}", cancelled);
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private Process Start(SwitchboardRequest request)
    {
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd.exe") : new ProcessStartInfo("/bin/sh");
        start.ArgumentList.Add(OperatingSystem.IsWindows() ? "/c" : "-c");
        start.ArgumentList.Add(command);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.Environment["SWITCHBOARD_REQUEST_ID"] = request.Id;
        start.Environment["SWITCHBOARD_METHOD"] = request.Method;
        return Process.Start(start) ?? throw new InvalidOperationException("The shell did not start.");
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> body, CancellationToken cancelled)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(body, cancelled);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A command need not read its input: `date` does not.
        }
    }
}
