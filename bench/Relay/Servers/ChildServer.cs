using System.Diagnostics;

namespace Switchboard.Bench.Servers;

/// <summary>The parent's hold on a server in a child process, which lives in a temporary folder of its own.</summary>
internal sealed class ChildServer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private ChildServer(string name, Process process, DirectoryInfo folder, string[] addresses)
    {
        Name = name;
        _process = process;
        _folder = folder;
        Http = new Uri(addresses[1]);
        Grpc = new Uri(addresses[2]);
    }

    /// <summary>As the report calls it.</summary>
    public string Name { get; }

    public Uri Http { get; }

    public Uri Grpc { get; }

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="name">As the report calls it.</param>
    /// <param name="kind">One of <see cref="ServerKinds"/>.</param>
    /// <param name="logged">Does what it prints go to a file (in its folder), or nowhere?</param>
    /// <param name="arguments">The server's own arguments.</param>
    public static async Task<ChildServer> StartAsync(string name, string kind, bool logged, string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("switchboard-bench-");
        var process = new Process { StartInfo = StartInfo(folder, kind, logged, arguments) };
        process.Start();
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(_patience);
            var addresses = line?.Split(' ') ?? [];
            if (addresses.Length != 3 || addresses[0] != ServerProcess.Ready)
            {
                throw new BenchFailure($"{name} did not start: {line ?? "see above"}");
            }

            return new ChildServer(name, process, folder, addresses);
        }
        catch
        {
            await EndAsync(process, folder);
            throw;
        }
    }

    /// <summary>What the child has used until now.</summary>
    public Task<ServerStats> ReadStatsAsync() => AskAsync("stats");

    /// <summary>The same, once the child has collected all that is dead.</summary>
    public Task<ServerStats> ReadCollectedAsync() => AskAsync("collect");

    /// <summary>Bytes that the child has logged.</summary>
    public long LoggedBytes() => _folder.EnumerateFiles("*.log").Sum(f => f.Length);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _process.StandardInput.WriteLineAsync("stop");
            await _process.WaitForExitAsync().WaitAsync(_patience);
        }
        catch (Exception gone) when (gone is IOException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"bench: {Name} did not stop by itself");
        }
        finally
        {
            await EndAsync(_process, _folder);
        }
    }

    private async Task<ServerStats> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(_patience);
        return ServerStats.Parse(line ?? throw new BenchFailure($"{Name} is gone"));
    }

    private static ProcessStartInfo StartInfo(DirectoryInfo folder, string kind, bool logged, string[] arguments)
    {
        var host = Environment.ProcessPath ?? throw new BenchFailure("This process does not know its own path.");
        var start = new ProcessStartInfo(host)
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ChildServer).Assembly.Location);
        }

        var log = logged ? Path.Combine(folder.FullName, "server.log") : "";
        string[] command = ["serve", "--kind", kind, "--log-file", log, "--", .. arguments];
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static async Task EndAsync(Process process, DirectoryInfo folder)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().WaitAsync(_patience);
        }

        process.Dispose();
        folder.Delete(recursive: true);
    }
}
