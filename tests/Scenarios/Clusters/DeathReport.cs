using System.Globalization;
using System.Text.RegularExpressions;
using Switchboard.TestSupport;
using Xunit.Abstractions;

namespace Switchboard.Scenarios.Clusters;

/// <summary>What a load has to bear out when a node is lost, and the figures of it.</summary>
/// <param name="load">The load.</param>
/// <param name="calm">The moment from which on every agent was served.</param>
/// <param name="output">Where figures go.</param>
internal sealed class DeathReport(ClusterLoad load, TimeSpan calm, ITestOutputHelper output)
{
    // Later than this after its deadline no caller is told how its request ended.
    private static readonly TimeSpan _late = TimeSpan.FromSeconds(1);

    private static readonly Regex _number = new("[0-9a-f]*[0-9][0-9a-f]*", RegexOptions.CultureInvariant);

    /// <summary>Prints how soon the agents were served again after a moment, and how calls ended.</summary>
    public void Say(string what, TimeSpan since)
    {
        var served = load.ServedAfter(since);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {served.Count} agents served again: half after {served[served.Count / 2].TotalSeconds:f1} s, "
                + $"99 % after {served[served.Count * 99 / 100].TotalSeconds:f1} s, all after {served[^1].TotalSeconds:f1} s"));
        output.WriteLine($"    {load.Summary(c => c.Ended >= since)}");
    }

    /// <summary>Prints how calls ended, and what was said of those that were not answered.</summary>
    public void SayEnds(string what)
    {
        output.WriteLine($"{what}: {load.Summary()}");
        foreach (var words in load.Calls.Where(c => c.Began >= calm && !c.End.IsAnswered).GroupBy(static c => _number.Replace(c.End.Text, "n")))
        {
            output.WriteLine($"    {words.Count()}, the first after {words.Min(static c => c.Ended).TotalSeconds:f1} s: {words.Key}");
        }
    }

    /// <summary>
    /// Each request ended once and as its caller was told; since every agent was served, in time. Who called at a node that was not lost was
    /// told something.
    /// </summary>
    public void AssertTold(Func<LoadCall, bool> isLost)
    {
        load.AssertTold();
        var told = load.Calls.Where(c => !isLost(c)).ToList();
        Assert.All(told, static c => Assert.True(c.End.Reason is not null, $"{c}"));
        Assert.All(told.Where(c => c.Began >= calm), static c => Assert.True(c.Ended - c.Began < (ClusterCaller.Timeout * (c.Moves + 1)) + _late, $"{c}"));
    }

    /// <summary>
    /// The loss of a node at a moment did nothing to those between other nodes: what was under way went on, and what could not be routed
    /// was not sent.
    /// </summary>
    public void AssertUntouched(TimeSpan lost, GatewayProcess victim, IReadOnlyCollection<ClusterAgent> staying)
    {
        var calls = load.Calls.Where(c => c.Node != victim && staying.Contains(c.Agent) && c.Ended >= lost && c.Began >= calm).ToList();
        Assert.All(calls, static c => Assert.True(c.End.IsAnswered || c.End is { Reason: "unavailable", Sent: false }, $"{c}"));
    }
}
