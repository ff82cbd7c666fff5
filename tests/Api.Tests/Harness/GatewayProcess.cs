using System.Collections.Concurrent;
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
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process, DirectoryInfo folder) => (_process, _folder) = (process, folder);

    public GrpcChannel Channel { get; private set; } = null!;

    public Uri Rest { get; private set; } = null!;

    public Uri Grpc { get; private set; } = null!;

    /// <summary>Every line that it has printed, to either stream. Whole once it has exited.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Starts it in a folder with an empty settings file of its own, and waits until it has said where it listens.</summary>
    public static async Task<GatewayProcess> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("switchboard-test-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), "{}");
        string[] always =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "Switchboard.Silo.dll"),
            "--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", "--Switchboard:Listen:AdminPort=0",
            $"--Switchboard:Silo:SiloPort={FreePorts.Next()}", $"--Switchboard:Silo:GatewayPort={FreePorts.Next()}",
        ];
        var start = new ProcessStartInfo("dotnet", always.Concat(settings)) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        var gateway = new GatewayProcess(Process.Start(start)!, folder);
        try
        {
            gateway.Listen();
            await gateway._listens.Task.DefaultTimeout();
            gateway.Channel = GrpcChannel.ForAddress(gateway.Grpc);
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

    [GeneratedRegex(@"^  (REST|gRPC) +(http://\S+)$")]
    private static partial Regex AddressLine();

    private void Listen()
    {
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Exited += (_, _) => _listens.TrySetException(new InvalidOperationException("The gateway ended before it said where it listens."));
        _process.EnableRaisingEvents = true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (AddressLine().Match(line) is not { Success: true } match)
        {
            return;
        }

        var address = new Uri(match.Groups[2].Value);
        if (match.Groups[1].Value == "REST")
        {
            Rest = address;
            return;
        }

        Grpc = address;
        _listens.TrySetResult();
    }
}

/// <summary>A test that needs a Unix: signals by the command <c>kill</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "needs a Unix" : null;
}
