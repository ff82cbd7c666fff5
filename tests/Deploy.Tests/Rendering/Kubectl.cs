using System.Diagnostics;
using Switchboard.TestSupport;

namespace Switchboard.Deploy.Tests.Rendering;

/// <summary>Whichever <c>kubectl</c> is on the path. It renders; no cluster is asked.</summary>
internal static class Kubectl
{
    private static readonly string? _program = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(folder => new[] { Path.Combine(folder, "kubectl"), Path.Combine(folder, "kubectl.exe") })
        .FirstOrDefault(File.Exists);

    /// <summary>Why a test cannot run; null: it can.</summary>
    public static string? Missing => _program is null ? "needs kubectl, 1.27 or later" : null;

    /// <summary>Its version, as it says it.</summary>
    public static Task<string> VersionAsync() => RunAsync("version", "--client");

    /// <summary>What a folder is made into.</summary>
    public static Task<string> RenderAsync(string folder) => RunAsync("kustomize", folder);

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(_program!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var kubectl = Process.Start(start)!;
        var complaints = kubectl.StandardError.ReadToEndAsync();
        var output = await kubectl.StandardOutput.ReadToEndAsync().DefaultTimeout();
        await kubectl.WaitForExitAsync().DefaultTimeout();
        Assert.True(kubectl.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {await complaints}");

        // A warning is of something that the next kubectl may no longer take.
        Assert.Equal("", await complaints);
        return output;
    }
}
