using System.Diagnostics;

namespace Switchboard.TestSupport.Servers;

/// <summary>Where the programs of servers are, that the tests start for themselves.</summary>
internal static class Servers
{
    // Debian keeps PostgreSQL's out of the PATH, one folder a version.
    private const string DebiansPostgreSql = "/usr/lib/postgresql";

    /// <summary>The path of a program; null: it is not installed.</summary>
    public static string? Find(string program)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var path = Environment.GetEnvironmentVariable("PATH")?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var debian = Directory.Exists(DebiansPostgreSql)
            ? Directory.GetDirectories(DebiansPostgreSql).OrderDescending().Select(static f => Path.Combine(f, "bin"))
            : [];
        return path.Concat(debian).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>Runs a command to its end and returns what it printed; one that fails fails the test.</summary>
    public static async Task<string> RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().DefaultTimeout();
        await process.WaitForExitAsync().DefaultTimeout();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {await errors}");
        return output.Trim();
    }
}
