using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Net.Client;

namespace Switchboard.TestSupport;

/// <summary>The silo program as a process of its own, for what only a process has: signals and exit codes.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    // A silo that joins waits until those are found dead that were killed before it.
    private static readonly TimeSpan _startsWithin = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Kills it when this process has ended without having done so: the pipe between the two closes, however that came.
    private readonly Process? _watch;

    private GatewayProcess(Process process, DirectoryInfo folder)
    {
        (_process, _folder) = (process, folder);
        if (!OperatingSystem.IsWindows())
        {
            string[] command = ["-c", "cat > /dev/null; kill -KILL $0 2> /dev/null; rm -rf $1", process.Id.ToString(CultureInfo.InvariantCulture), folder.FullName];
            _watch = Process.Start(new ProcessStartInfo("sh", command) { RedirectStandardInput = true });
        }
    }

    public GrpcChannel Channel { get; private set; } = null!;

    public Uri Rest { get; private set; } = null!;

    public Uri Grpc { get; private set; } = null!;

    /// <summary>Whether it runs.</summary>
    public bool Lives => !_process.HasExited;

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Every line that it has printed, to either stream. Whole once it has exited.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Starts it in a folder with an empty settings file of its own, and waits until it has said where it listens.</summary>
    public static Task<GatewayProcess> StartAsync(params string[] settings) => StartAsync([], settings);

    /// <summary>Starts it with more in its environment.</summary>
    public static Task<GatewayProcess> StartAsync((string Name, string Value)[] environment, string[] settings) =>
        StartAsync("Switchboard.Silo", environment, settings);

    /// <summary>Starts the front door that stands alone.</summary>
    public static Task<GatewayProcess> StartFrontDoorAsync(params string[] settings) => StartAsync("Switchboard.Api", [], settings);

    private static async Task<GatewayProcess> StartAsync(string program, (string Name, string Value)[] environment, string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("switchboard-test-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), "{}");
        string[] always =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, $"{program}.dll"),
            "--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", "--Switchboard:Listen:AdminPort=0", "--Switchboard:Peer:Port=0",
            $"--Switchboard:Silo:SiloPort={FreePorts.Next()}", $"--Switchboard:Silo:GatewayPort={FreePorts.Next()}",
            // What is kept is for tests that ask for it: the disk's confirmations would slow the others.
            "--Switchboard:Storage:Provider=Memory",
        ];
        var start = new ProcessStartInfo("dotnet", always.Concat(settings)) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var gateway = new GatewayProcess(Process.Start(start)!, folder);
        try
        {
            gateway.Listen();
            await gateway._listens.Task.WaitAsync(_startsWithin, TimeProvider.System);
            gateway.Channel = GrpcChannel.ForAddress(gateway.Grpc);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends it a signal by its name: TERM, INT, KILL, STOP, CONT.</summary>
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
        _watch?.Kill(entireProcessTree: true);
        _watch?.Dispose();
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
        _process.Exited += (_, _) => _listens.TrySetException(
            new InvalidOperationException($"The gateway ended before it said where it listens.\n{string.Join('\n', _lines)}"));
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
