using System.Globalization;

namespace Switchboard.Architecture.Tests.Shapes;

/// <summary>
/// Two releases run side by side in a cluster while one replaces the other, forward and back. What they say to each other may grow, and
/// never changes: cluster.txt has every part that a release may have sent.
/// </summary>
public sealed class ShapeTests
{
    private const string Approved = "tests/Architecture/Shapes/cluster.txt";

    [Fact]
    public void What_processes_of_a_cluster_agree_on_only_grows()
    {
        var complaints = Compare(Repository.Lines(Approved), ClusterShape.Read());
        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }

    /// <summary>The comparison itself: what it lets through, and what not.</summary>
    [Theory]
    [InlineData("# a comment; x id 0: int A", "x id 0: int A")]
    [InlineData("x id 0: int A", "x id 0: int A; x id 1: int B", "add to ")]
    [InlineData("x id 0: int A", "x id 0: long A", "add to ", "gone from this build: x id 0: int A")]
    [InlineData("x id 0: int A", "", "gone from this build: x id 0: int A")]
    [InlineData("E int 0: Zero", "E int 0: One; E int 1: Zero", "add to ", "add to ", "gone from this build: E int 0: Zero")]
    [InlineData("i version 1; i method M()", "i version 1; i method M(); i method N()", "add to ", "i has new methods: raise its version above 1")]
    [InlineData("i version 1; i method M()", "i version 2; i method M(); i method N()", "add to ", "add to ")]
    [InlineData("i version 1; i method M()", "i version 2; i method M(int)", "add to ", "add to ", "gone from this build: i method M()")]
    [InlineData("i version 2; i method M()", "i version 1; i method M()", "i was version 2 and is 1")]
    public void The_comparison_finds(string approved, string now, params string[] complaints)
    {
        var found = Compare(approved.Split("; "), now.Split("; ", StringSplitOptions.RemoveEmptyEntries)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(complaints.Length, found.Count);
        Assert.All(complaints, (complaint, i) => Assert.StartsWith(complaint, found[i], StringComparison.Ordinal));
    }

    private static List<string> Compare(IEnumerable<string> file, IReadOnlyList<string> now)
    {
        var approved = file.Where(static line => line is not ("" or ['#', ..])).ToList();
        var versions = approved.Where(IsVersion).GroupBy(TypeOf).ToDictionary(static g => g.Key, static g => g.Max(VersionOf));
        List<string> complaints =
        [
            .. approved.Where(line => !IsVersion(line)).Except(now).Select(static line =>
                $"gone from this build: {line}\n  A process of the release before says or stores it. Keep it, and add another id, method or member beside it."),
            .. now.Except(approved).Where(line => !IsVersion(line) || VersionOf(line) > versions.GetValueOrDefault(TypeOf(line))).Select(static line =>
                $"add to {Approved}: {line}"),
        ];
        foreach (var (type, before) in versions)
        {
            var version = now.Where(line => IsVersion(line) && TypeOf(line) == type).Select(VersionOf).SingleOrDefault();
            if (version < before)
            {
                complaints.Add($"{type} was version {before} and is {version}: versions only rise.");
            }
            else if (version == before && now.Except(approved).Any(line => line.StartsWith($"{type} method ", StringComparison.Ordinal)))
            {
                complaints.Add($"{type} has new methods: raise its version above {before} (Versions in src/Abstractions/Names.cs), so that no older silo is asked for them.");
            }
        }

        return complaints;
    }

    private static bool IsVersion(string line) => line.Split(' ') is [_, "version", _];

    private static string TypeOf(string line) => line.Split(' ')[0];

    private static int VersionOf(string line) => int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
}
