using System.Text.RegularExpressions;

namespace Switchboard.Architecture.Tests;

/// <summary>
/// Every fault of the two programs that this project started from (docs/how-many-issues-can-you-spot.md) is covered by a test
/// that carries its number in a doc comment, or by what <see cref="_coveredElsewhere"/> names.
/// </summary>
public sealed class SeedTests
{
    private static readonly (string Letter, int Last)[] _faults = [("I", 6), ("N", 8), ("A", 15), ("H", 12), ("W", 14)];

    /// <summary>Covered by a design decision or a benchmark, or waiting for a later part.</summary>
    private static readonly Dictionary<string, string> _coveredElsewhere = new()
    {
        ["A13"] = "design: one grain owns the queue's state, there is no lock to take",
        ["A15"] = "later: durable state and its history",
        ["N5"] = "benchmark: bench/Core.Benchmarks",
        ["H12"] = "benchmark: bench/Relay",
        ["W14"] = "arithmetic: docs/how-many-issues-can-you-spot.md",
    };

    /// <summary>Each number has its test.</summary>
    [Fact]
    public void Every_fault_has_its_test()
    {
        var comments = Repository.Sources("tests").Where(f => !f.EndsWith("SeedTests.cs", StringComparison.Ordinal))
            .SelectMany(Repository.Lines).Where(l => l.TrimStart().StartsWith("///", StringComparison.Ordinal)).ToList();
        var numbers = _faults.SelectMany(f => Enumerable.Range(1, f.Last).Select(i => f.Letter + i));
        var missing = numbers.Where(n => !_coveredElsewhere.ContainsKey(n) && !comments.Any(c => Regex.IsMatch(c, $@"\b{n}\b"))).ToList();
        Assert.True(missing.Count == 0, "no test names " + string.Join(", ", missing));
    }

    /// <summary>The page tells each of them.</summary>
    [Fact]
    public void The_page_tells_every_fault()
    {
        var page = Repository.Read("docs/how-many-issues-can-you-spot.md");
        Assert.All(_faults.SelectMany(f => Enumerable.Range(1, f.Last).Select(i => f.Letter + i)), n => Assert.Matches($@"\b{n}\b", page));
    }
}
