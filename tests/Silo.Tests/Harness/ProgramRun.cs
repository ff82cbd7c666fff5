using System.Diagnostics;
using Switchboard.TestSupport;

namespace Switchboard.Silo.Tests.Harness;

/// <summary>One run of the program to its end.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, IReadOnlyList<string> Errors)
{
    /// <summary>Runs it in a folder of its own, with no settings but these, and on ports that nobody has.</summary>
    public static async Task<ProgramRun> RunAsync(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("switchboard-test-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), "{}");
            string[] always =
            [
                "exec", Path.Combine(AppContext.BaseDirectory, "Switchboard.Silo.dll"),
                "--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", "--Switchboard:Listen:AdminPort=0", "--Switchboard:Peer:Port=0",
                $"--Switchboard:Silo:SiloPort={FreePorts.Next()}", $"--Switchboard:Silo:GatewayPort={FreePorts.Next()}",
            ];
            using var process = Process.Start(new ProcessStartInfo("dotnet", [.. always, .. arguments])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            try
            {
                await process.WaitForExitAsync().DefaultTimeout();
            }
            finally
            {
                process.Kill();
            }

            return new(process.ExitCode, await output, (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
