using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

public sealed class PolicyRulesTests
{
    [Theory]
    [InlineData("runner-*", "runner-1", true)]
    [InlineData("runner-*", "runner-", true)]
    [InlineData("runner-*", "runner", false)]
    [InlineData("*", "anything", true)]
    [InlineData("**", "a", true)]
    [InlineData("?", "a", true)]
    [InlineData("?", "ab", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("*.lab", "x.lab", true)]
    [InlineData("*.lab", "x.lab.y", false)]
    [InlineData("*.lab", "x.lab.lab", true)]
    [InlineData("a*b*c", "a1b2b3c", true)]
    [InlineData("a*b*c", "a1c2b", false)]
    [InlineData("abc", "abc", true)]
    [InlineData("abc", "ABC", false)]
    [InlineData("abc", "abcd", false)]
    public void A_pattern_matches_whole_ids(string pattern, string id, bool matches) =>
        Assert.Equal(matches ? SessionPolicy.Pool : SessionPolicy.Latest, Rules((pattern, SessionPolicy.Pool)).PolicyOf(id));

    [Fact]
    public void The_first_that_matches_counts()
    {
        var rules = Rules(("runner-main", SessionPolicy.Latest), ("runner-*", SessionPolicy.Pool), ("*", SessionPolicy.Latest));
        Assert.Equal(SessionPolicy.Latest, rules.PolicyOf("runner-main"));
        Assert.Equal(SessionPolicy.Pool, rules.PolicyOf("runner-2"));
        Assert.Equal(SessionPolicy.Latest, rules.PolicyOf("other"));
        Assert.Equal(SessionPolicy.Latest, Rules().PolicyOf("other"));
    }

    /// <summary>A matcher that goes back to every star would take longer than the universe lasts for this one.</summary>
    [Fact]
    public void A_pattern_of_stars_costs_no_more_than_another()
    {
        var pattern = string.Concat(Enumerable.Repeat("a*", 63)) + "b";
        Assert.Equal(SessionPolicy.Latest, Rules((pattern, SessionPolicy.Pool)).PolicyOf(new string('a', 128)));
    }

    [Theory]
    [InlineData(null, "is empty")]
    [InlineData("", "is empty")]
    [InlineData("a b", "matches no agent")]
    [InlineData("a/b", "matches no agent")]
    public void What_is_wrong_with_a_pattern_is_said(string? pattern, string words) =>
        Assert.StartsWith(words, PolicyRules.Problem(pattern), StringComparison.Ordinal);

    [Fact]
    public void A_pattern_is_no_longer_than_an_id()
    {
        Assert.Null(PolicyRules.Problem(new string('*', 128)));
        Assert.Contains("129", PolicyRules.Problem(new string('*', 129)), StringComparison.Ordinal);
    }

    private static PolicyRules Rules(params (string, SessionPolicy)[] rules) => new(rules);
}
