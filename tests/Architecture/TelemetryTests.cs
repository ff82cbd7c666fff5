using System.Text.RegularExpressions;

namespace Switchboard.Architecture.Tests;

/// <summary>An operator who reads a figure finds what it means.</summary>
public sealed partial class TelemetryTests
{
    /// <summary>docs/operations.md has every metric, every span, and none that the code has not.</summary>
    [Fact]
    public void Every_figure_is_explained()
    {
        var declared = Constants("src/Abstractions/Telemetry/MetricNames.cs").Where(n => n.StartsWith("switchboard.", StringComparison.Ordinal)).ToHashSet();
        var spans = Constants("src/Abstractions/Telemetry/SpanNames.cs").Where(n => n.StartsWith("agent_", StringComparison.Ordinal)).ToList();
        var page = Repository.Read("docs/operations.md");
        Assert.True(declared.Count > 10 && spans.Count == 3);
        Assert.All(declared.Concat(spans), n => Assert.True(page.Contains($"| `{n}` |", StringComparison.Ordinal), $"docs/operations.md has no row of {n}"));
        Assert.All(Rows().Matches(page).Select(m => m.Groups[1].Value), n => Assert.True(declared.Contains(n), $"nothing measures {n}"));
    }

    /// <summary>An alert on a number finds one event: no two have the same, the SDK's (which stand at its methods) included.</summary>
    [Fact]
    public void Every_log_event_has_its_own_number()
    {
        var numbers = Number().Matches(Repository.Read("src/Abstractions/Telemetry/EventIds.cs"))
            .Concat(Repository.Sources("src/Client").SelectMany(f => SdkNumber().Matches(Repository.Read(f))))
            .Select(m => m.Groups[1].Value).ToList();
        Assert.True(numbers.Count > 60);
        Assert.Empty(numbers.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.All(Repository.Sources("src").Except(Repository.Sources("src/Client")), f => Assert.DoesNotMatch(SdkNumber(), Repository.Read(f)));
    }

    private static IEnumerable<string> Constants(string file) => Constant().Matches(Repository.Read(file)).Select(m => m.Groups[1].Value);

    [GeneratedRegex("const string \\w+ = \"([^\"]+)\"")]
    private static partial Regex Constant();

    [GeneratedRegex(@"const int \w+ = (\d+);")]
    private static partial Regex Number();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId = )?(\d+)")]
    private static partial Regex SdkNumber();

    [GeneratedRegex(@"^\| `(switchboard\.[a-z_.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
