using System.Text.RegularExpressions;

namespace Switchboard.Architecture.Tests;

/// <summary>docs/complaints.md lists what rivals' users complain about; each row's tests exist.</summary>
public sealed partial class ComplaintTests
{
    /// <summary>Fifteen rows, each with a test or more, and every test that is named is there.</summary>
    [Fact]
    public void Every_complaint_names_tests_that_exist()
    {
        var rows = Repository.Lines("docs/complaints.md").Where(l => Row().IsMatch(l)).ToList();
        Assert.Equal(Enumerable.Range(1, 15).Select(i => $"| {i} "), rows.Select(r => r[..(r.IndexOf('|', 1))]));
        var sources = Repository.Sources("tests").ToLookup(f => Path.GetFileNameWithoutExtension(f), StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var tests = Test().Matches(row).Select(m => (Class: m.Groups[1].Value, Name: m.Groups[2].Value)).ToList();
            Assert.NotEmpty(tests);
            Assert.All(tests, t => Assert.True(
                sources[t.Class].Any(f => Repository.Read(f).Contains($" {t.Name}(", StringComparison.Ordinal)), $"there is no test {t.Class}.{t.Name}"));
        }
    }

    [GeneratedRegex(@"^\| \d+ \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex Test();
}
