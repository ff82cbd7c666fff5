using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Net.Client;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Harness;

/// <summary>The silo program as a process of its own, for what only a process has: signals and exit codes.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private GatewayProcess(Process process, DirectoryInfo folder) => (_process, _folder) = (process, folder);

    public GrpcChannel Channel { get; private set; } = null!;

    public static async Task<GatewayProcess> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("switchboard-test-");
        string[] always =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "Switchboard.Silo.dll"),
            "--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", "--Switchboard:Listen:AdminPort=0",
            $"--Switchboard:Silo:SiloPort={FreePorts.Next()}", $"--Switchboard:Silo:GatewayPort={FreePorts.Next()}",
        ];
        var start = new ProcessStartInfo("dotnet", always.Concat(settings)) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true };
        var gateway = new GatewayProcess(Process.Start(start)!, folder);
        try
        {
            gateway.Channel = GrpcChannel.ForAddress(await gateway.GrpcAddressAsync());
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends it a signal by its name: TERM, INT.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().DefaultTimeout();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().DefaultTimeout();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Channel?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await ExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"gRPC\s+(http://\S+)")]
    private static partial Regex GrpcLine();

    private async Task<string> GrpcAddressAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync().DefaultTimeout() is { } line)
        {
            if (GrpcLine().Match(line) is { Success: true } match)
            {
                // What else it says must not fill the pipe.
                _ = _process.StandardOutput.ReadToEndAsync();
                return match.Groups[1].Value;
            }
        }

        throw new InvalidOperationException("The gateway ended before it said where it listens.");
    }
}

/// <summary>A test that needs a Unix: signals by the command <c>kill</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "needs a Unix" : null;
}
