using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

public sealed class RestingAgentsTests
{
    private static readonly TimeSpan _rest = TimeSpan.FromMinutes(10);

    [Fact]
    public void An_agent_is_asked_once_in_a_while()
    {
        var resting = new RestingAgents(10, _rest);
        Assert.True(resting.TryAdd(Agent(1), TimeSpan.Zero));
        Assert.False(resting.TryAdd(Agent(1), TimeSpan.FromMinutes(9)));
        Assert.True(resting.TryAdd(Agent(2), TimeSpan.FromMinutes(9)));
        Assert.True(resting.IsResting(Agent(1), TimeSpan.FromMinutes(9)));
        Assert.False(resting.IsResting(Agent(1), _rest));
        Assert.False(resting.IsResting(Agent(3), TimeSpan.Zero));
        Assert.True(resting.TryAdd(Agent(1), _rest));
        Assert.False(resting.TryAdd(Agent(2), _rest));
        Assert.Equal(2, resting.Count);
    }

    [Fact]
    public void Past_its_capacity_nobody_is_asked()
    {
        var resting = new RestingAgents(2, _rest);
        Assert.True(resting.TryAdd(Agent(1), TimeSpan.Zero));
        Assert.True(resting.TryAdd(Agent(2), TimeSpan.FromMinutes(1)));
        Assert.False(resting.TryAdd(Agent(3), TimeSpan.FromMinutes(2)));
        Assert.Equal(2, resting.Count);
        Assert.True(resting.TryAdd(Agent(3), _rest));
        Assert.Equal(2, resting.Count);
    }

    private static AgentKey Agent(int number) => AgentKey.Parse($"default/a{number}");
}
