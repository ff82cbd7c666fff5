using System.Text.RegularExpressions;

namespace Switchboard.Architecture.Tests;

/// <summary>docs/invariants.md: every rule has its row, and every test that a row names is there.</summary>
public sealed partial class InvariantTests
{
    private static readonly (string Letter, int Last)[] _rules = [("R", 7), ("S", 4), ("T", 5), ("D", 2)];

    [Fact]
    public void Every_rule_has_its_row() => Assert.Equal(
        _rules.SelectMany(r => Enumerable.Range(1, r.Last).Select(i => r.Letter + i)), Rows().Select(row => row.Groups["rule"].Value));

    [Fact]
    public void Every_test_that_a_row_names_is_there()
    {
        var sources = Repository.Sources("tests");
        foreach (var named in Rows().SelectMany(row => (IEnumerable<Match>)Named().Matches(row.Value)))
        {
            var (test, file) = (named.Groups["test"].Value, named.Groups["file"].Value);
            Assert.True(
                sources.Any(f => Path.GetFileName(f) == file && Repository.Read(f).Contains($" {test}(", StringComparison.Ordinal)),
                $"docs/invariants.md names {test} ({file}), which is not there");
        }
    }

    private static List<Match> Rows() => [.. (IEnumerable<Match>)Row().Matches(Repository.Read("docs/invariants.md"))];

    [GeneratedRegex(@"^\| (?<rule>[RSTD]\d) \|.*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<test>\w+)` \((?<file>\w+\.cs)\)")]
    private static partial Regex Named();
}
