using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Switchboard.Architecture.Tests;

/// <summary>The files of this repository, as git tracks them (untracked, not ignored ones too).</summary>
internal static class Repository
{
    private static readonly Lazy<IReadOnlyList<string>> _files = new(List);

    /// <summary>The top folder.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    /// <summary>Every file, relative to the top, with forward slashes.</summary>
    public static IReadOnlyList<string> Files => _files.Value;

    /// <summary>Source files below one of the folders.</summary>
    public static IEnumerable<string> Sources(params string[] folders) =>
        Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && folders.Any(d => f.StartsWith(d + "/", StringComparison.Ordinal)));

    /// <summary>A file's text.</summary>
    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>A file's lines.</summary>
    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private static List<string> List()
    {
        var start = new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard") { WorkingDirectory = Root, RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(f => File.Exists(Path.Combine(Root, f)))];
    }
}
