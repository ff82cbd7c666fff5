using System.Text.Json;

namespace Switchboard.Architecture.Tests;

/// <summary>NOTICE names whatever is shipped of others.</summary>
public sealed class NoticeTests
{
    /// <summary>Each package of which a program that is shipped holds a file has its line.</summary>
    [Theory]
    [InlineData("Switchboard.Silo")]
    [InlineData("Switchboard.Api")]
    [InlineData("Switchboard.Cli")]
    public void Every_shipped_package_is_named(string program)
    {
        var named = Repository.Lines("NOTICE").Select(l => l.Trim()).ToHashSet();
        var shipped = Shipped(program).ToList();
        Assert.NotEmpty(shipped);
        Assert.All(shipped, package => Assert.True(named.Contains(package), $"{program} ships files of {package}, which NOTICE does not name"));
    }

    // As the build resolved them. A package without a file for the running program (an analyzer, one that only names others) ships nothing.
    private static IEnumerable<string> Shipped(string program)
    {
        using var assets = JsonDocument.Parse(Repository.Read($"artifacts/obj/{program}/project.assets.json"));
        foreach (var target in assets.RootElement.GetProperty("targets").EnumerateObject())
        {
            foreach (var library in target.Value.EnumerateObject().Where(l => l.Value.GetProperty("type").GetString() == "package"))
            {
                string[] kinds = ["runtime", "runtimeTargets", "native", "resource"];
                var files = kinds.SelectMany(k => library.Value.TryGetProperty(k, out var some) ? some.EnumerateObject() : default);
                if (files.Any(f => !f.Name.EndsWith("/_._", StringComparison.Ordinal)))
                {
                    yield return library.Name.Split('/')[0];
                }
            }
        }
    }
}
