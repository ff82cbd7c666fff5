using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

public sealed class AgentKeyTests
{
    public static TheoryData<string> Good => ["a", "7", "a1", "build-runner:7", "A.b_c:d-E", "event", "events2", new string('x', 128)];

    public static TheoryData<string?, string> Bad => new()
    {
        { null, "agent_id is missing; it must be 1 to 128 characters long" },
        { "", "agent_id is missing; it must be 1 to 128 characters long" },
        { new string('x', 129), "agent_id must be 1 to 128 characters long; it has 129" },
        { "a/b", "agent_id must be made of A-Z a-z 0-9 . _ : - only" },
        { "a b", "agent_id must be made of A-Z a-z 0-9 . _ : - only" },
        { "é", "agent_id must be made of A-Z a-z 0-9 . _ : - only" },
        { "a\n", "agent_id must be made of A-Z a-z 0-9 . _ : - only" },
        { "-a", "agent_id must begin and end with a letter or digit" },
        { "a.", "agent_id must begin and end with a letter or digit" },
        { ".", "agent_id must begin and end with a letter or digit" },
        { "events", "agent_id must not be `events`, which is a reserved name" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void Takes_what_the_protocol_allows_and_reads_its_key_back(string agentId)
    {
        Assert.True(AgentKey.TryCreate("acme", agentId, out var key, out var problem), problem);
        Assert.Equal("acme/" + agentId, key.ToString());
        Assert.Equal(key, AgentKey.Parse(key.ToString()));
        Assert.Equal(("acme", agentId), (key.Tenant, key.AgentId));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Refuses_the_rest_and_names_field_and_limit(string? agentId, string expected)
    {
        Assert.False(AgentKey.TryCreate(null, agentId, out var key, out var problem));
        Assert.Equal(expected, problem);
        Assert.Equal(default, key);
    }

    [Fact]
    public void Nobody_says_a_tenant_then_it_is_default()
    {
        Assert.True(AgentKey.TryCreate(null, "a", out var key, out _));
        Assert.Equal("default/a", key.ToString());
    }

    [Theory]
    [InlineData("", "tenant is missing; it must be 1 to 128 characters long")]
    [InlineData("a/b", "tenant must be made of A-Z a-z 0-9 . _ : - only")]
    public void A_tenant_follows_the_same_rules(string tenant, string expected)
    {
        Assert.False(AgentKey.TryCreate(tenant, "a", out _, out var problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/a")]
    [InlineData("t/")]
    [InlineData("t/a/b")]
    [InlineData("t/events")]
    public void Parse_refuses_what_is_no_key(string key) => Assert.Throws<FormatException>(() => AgentKey.Parse(key));

    [Fact]
    public void The_default_value_names_nobody_and_does_not_throw() => Assert.Equal("/", default(AgentKey).ToString());
}
