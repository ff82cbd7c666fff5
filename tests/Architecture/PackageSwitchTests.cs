using System.Diagnostics;

namespace Switchboard.Architecture.Tests;

/// <summary>
/// How the build chooses between the real packages and the stand-ins (docs/packages.md), each time with a feed and an answer file of
/// the test's own: what this build has chosen stays as it is.
/// </summary>
public sealed class PackageSwitchTests : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("switchboard-packages-");

    private string AnswerFile => Path.Combine(_folder.FullName, "answer");

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A feed that answers that a package does not exist: the stand-ins, said in one line and remembered.</summary>
    [Fact]
    public async Task A_feed_that_lacks_them_means_compat()
    {
        var (exit, output) = await ChooseAsync(EmptyFeed());
        Assert.True(exit == 0, output);
        Assert.StartsWith("compat ", await File.ReadAllTextAsync(AnswerFile), StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), l => l.Contains("packages = compat", StringComparison.Ordinal));
    }

    /// <summary>The answer is not asked for twice, and dies with the sources that gave it.</summary>
    [Fact]
    public async Task The_answer_is_remembered_until_the_sources_change()
    {
        const string asking = "asking the package feed";
        var feed = EmptyFeed();
        Assert.Contains(asking, (await ChooseAsync(feed)).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(asking, (await ChooseAsync(feed)).Output, StringComparison.Ordinal);
        Assert.Contains(asking, (await ChooseAsync(EmptyFeed())).Output, StringComparison.Ordinal);
    }

    /// <summary>A feed that cannot be reached is an error, and nothing is chosen.</summary>
    [Fact]
    public async Task A_feed_out_of_reach_is_an_error()
    {
        // Port 9 of loopback: nobody listens there, and the refusal comes at once.
        var (exit, output) = await ChooseAsync("http://127.0.0.1:9/v3/index.json");
        Assert.NotEqual(0, exit);
        Assert.Contains("could not be asked", output, StringComparison.Ordinal);
        Assert.False(File.Exists(AnswerFile));
    }

    /// <summary>A choice that is neither is refused by name.</summary>
    [Fact]
    public async Task A_choice_that_does_not_exist_is_refused()
    {
        var (exit, output) = await RunAsync("msbuild", "src/Core/Switchboard.Core.csproj", "-t:SwitchboardCheckChoice", "-nologo", "-p:SwitchboardPackages=some");
        Assert.NotEqual(0, exit);
        Assert.Contains("it must be 'real' or 'compat'", output, StringComparison.Ordinal);
    }

    /// <summary>What is packed or published is made of the real packages, unless the stand-ins were asked for in so many words.</summary>
    [Theory]
    [InlineData("_IsPublishing")]
    [InlineData("_IsPacking")]
    public async Task Nothing_leaves_with_stand_ins_unasked(string leaving)
    {
        await File.WriteAllTextAsync(AnswerFile, "compat of-this-test");
        string[] command = ["msbuild", "src/Core/Switchboard.Core.csproj", "-t:SwitchboardNothingLeavesWithStandIns", "-nologo", $"-p:{leaving}=true"];
        var (refused, output) = await RunAsync([.. command, $"-p:SwitchboardAnswerFile={AnswerFile}"]);
        Assert.NotEqual(0, refused);
        Assert.Contains("-p:SwitchboardPackages=compat", output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync([.. command, "-p:SwitchboardPackages=compat"])).Exit);
    }

    private string EmptyFeed() => _folder.CreateSubdirectory(Path.GetRandomFileName()).FullName;

    private Task<(int Exit, string Output)> ChooseAsync(string feed) => RunAsync(
        "msbuild", "src/Core/Switchboard.Core.csproj", "-t:SwitchboardChoosePackages", "-nologo", "-v:minimal", $"-p:RestoreSources={feed}", $"-p:SwitchboardAnswerFile={AnswerFile}");

    private async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var inherited in (string[])["SwitchboardPackages", "RestoreSources", "RestoreConfigFile", "RestoreAdditionalProjectSources", "MSBuildSDKsPath", "MSBuildExtensionsPath"])
            start.Environment.Remove(inherited);

        // One try is enough to learn that nobody listens; and an empty cache, so that no package is found without the feed.
        start.Environment["NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT"] = "1";
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "cache");
        using var dotnet = Process.Start(start)!;
        using var limit = new CancellationTokenSource(_limit, TimeProvider.System);
        try
        {
            var output = dotnet.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = dotnet.StandardError.ReadToEndAsync(limit.Token);
            await dotnet.WaitForExitAsync(limit.Token);
            return (dotnet.ExitCode, await output + await errors);
        }
        finally
        {
            if (!dotnet.HasExited) dotnet.Kill(entireProcessTree: true);
        }
    }
}
