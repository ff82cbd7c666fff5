using System.Text.RegularExpressions;

namespace Switchboard.Architecture.Tests;

/// <summary>Lint as a test: what a reader may rely on in every file.</summary>
public sealed partial class TidyTests
{
    private static readonly string[] _code = ["src", "tests", "bench"];

    /// <summary>No file is over 400 lines, and most of src/ is under 150.</summary>
    [Fact]
    public void Files_stay_short()
    {
        Assert.All(Repository.Sources(_code), f => Assert.True(Repository.Lines(f).Length <= 400, $"{f} has {Repository.Lines(f).Length} lines"));
        var lengths = Repository.Sources("src").Select(f => Repository.Lines(f).Length).Order().ToList();
        Assert.True(lengths.Count(l => l < 150) >= 0.8 * lengths.Count, "most files of src/ are under 150 lines");
    }

    /// <summary>Nothing is left behind for later, no test is switched off, and no test sleeps.</summary>
    [Fact]
    public void Nothing_is_left_behind()
    {
        foreach (var file in Repository.Sources(_code).Where(f => !f.EndsWith("TidyTests.cs", StringComparison.Ordinal)))
        {
            var text = Repository.Read(file);
            Assert.False(LeftBehind().IsMatch(text), $"{file}: {LeftBehind().Match(text).Value}");
        }
    }

    /// <summary>No file names a machine's folders.</summary>
    [Fact]
    public void No_path_of_a_machine()
    {
        var above = Path.GetDirectoryName(Repository.Root) + "/";
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/";
        foreach (var file in Repository.Files.Where(IsText))
        {
            var text = Repository.Read(file);
            Assert.True(above.Length < 3 || !text.Contains(above, StringComparison.Ordinal), $"{file} names {above}");
            Assert.False(text.Contains(home, StringComparison.Ordinal), $"{file} names {home}");
        }
    }

    /// <summary>Every relative link of every page leads to a file.</summary>
    [Fact]
    public void Links_lead_somewhere()
    {
        foreach (var page in Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal)))
        {
            foreach (Match link in Link().Matches(Repository.Read(page)))
            {
                var target = link.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal))
                {
                    continue;
                }

                var path = Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, target);
                Assert.True(File.Exists(path) || Directory.Exists(path), $"{page}: {target}");
            }
        }
    }

    /// <summary>A decision is cited by its number: each has its own, and says it in its title.</summary>
    [Fact]
    public void Decisions_have_their_own_numbers()
    {
        var decisions = Repository.Files.Where(f => f.StartsWith("docs/adr/", StringComparison.Ordinal)).ToList();
        Assert.All(decisions, f => Assert.StartsWith($"# ADR {Path.GetFileName(f)[..4]}: ", Repository.Read(f), StringComparison.Ordinal));
        Assert.Distinct(decisions.Select(f => Path.GetFileName(f)[..4]));
    }

    /// <summary>The packages are the real ones: what stood in for them is history, told where history is told.</summary>
    [Fact]
    public void One_set_of_packages()
    {
        // In pieces, so that this file does not name them itself.
        var gone = new Regex(@"\b(com" + @"pat|stand-" + @"ins?|Switchboard" + @"Packages)\b", RegexOptions.IgnoreCase);
        var history = new[] { "CHANGELOG.md", "docs/adr/0003-one-set-of-packages.md" };
        foreach (var file in Repository.Files.Where(IsText).Except(history))
        {
            Assert.False(gone.IsMatch(Repository.Read(file)), $"{file}: {gone.Match(Repository.Read(file)).Value}");
        }
    }

    private static bool IsText(string file) => Path.GetExtension(file) is ".cs" or ".md" or ".json" or ".props" or ".targets" or ".csproj" or ".proto" or ".yml" or ".sh" or ".py" or ".js" or ".txt" or ".log" or ".sln" or "";

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bHACK\b|NotImplementedException|Skip\s*=\s*""|Thread\.Sleep\(")]
    private static partial Regex LeftBehind();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
