using System.Diagnostics;

namespace Switchboard.Architecture.Tests;

/// <summary>The files of this repository, as git tracks them (untracked, not ignored ones too).</summary>
internal static class Repository
{
    private static readonly Lazy<IReadOnlyList<string>> _files = new(List);

    /// <summary>The top folder.</summary>
    /// <remarks>Looked for from the test's own folder upwards: a build for others writes no path of its machine into what it compiles.</remarks>
    public static string Root { get; } = Above(AppContext.BaseDirectory);

    /// <summary>Every file, relative to the top, with forward slashes.</summary>
    public static IReadOnlyList<string> Files => _files.Value;

    /// <summary>Source files below one of the folders.</summary>
    public static IEnumerable<string> Sources(params string[] folders) =>
        Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && folders.Any(d => f.StartsWith(d + "/", StringComparison.Ordinal)));

    /// <summary>A file's text.</summary>
    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>A file's lines.</summary>
    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    private static string Above(string folder)
    {
        while (!File.Exists(Path.Combine(folder, "Orleans.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"No Orleans.sln above {AppContext.BaseDirectory}.");
        }

        return folder;
    }

    private static List<string> List()
    {
        var start = new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard") { WorkingDirectory = Root, RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(f => File.Exists(Path.Combine(Root, f)))];
    }
}
