using System.Diagnostics;
using Switchboard.Client;

namespace Switchboard.Cli.Serving;

/// <summary>
/// Runs a shell command for each request and streams its standard output as the response. A command that fails makes the request fail. A
/// command whose request is cancelled is killed, with its child processes.
/// </summary>
internal sealed class ShellHandler(string command)
{
    private const int ChunkBytes = 32 * 1024;

    /// <summary>Handles one request.</summary>
    public async Task HandleAsync(SwitchboardRequest request, IResponseWriter response, CancellationToken cancellationToken)
    {
        using var process = Start(request);
        try
        {
            var input = WriteInputAsync(process, request.Body, cancellationToken);
            var buffer = new byte[ChunkBytes];
            int read;
            while ((read = await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await response.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            await input;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                await response.FailAsync($"the command ended with exit code {process.ExitCode}", cancellationToken);
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

    private static async Task WriteInputAsync(Process process, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(body, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command has ended without reading its input.
        }
    }
}
