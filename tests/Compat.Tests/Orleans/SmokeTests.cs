using Orleans.TestingHost;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

[Alias("smoke")]
public interface ISmoke : IGrainWithStringKey
{
    [Alias("Add")]
    Task<int> Add(int a, int b);

    [Alias("Echo")]
    ValueTask<List<string>> Echo(List<string> items, CancellationToken cancellationToken);
}

[GrainType("smoke")]
public sealed class SmokeGrain : Grain, ISmoke
{
    public Task<int> Add(int a, int b) => Task.FromResult(a + b);

    public async ValueTask<List<string>> Echo(List<string> items, CancellationToken cancellationToken)
    {
        await Task.Yield();
        items.Add(this.GetPrimaryKeyString());
        return items;
    }
}

public sealed class SmokeTests
{
    [Fact]
    public async Task A_call_is_answered()
    {
        await using var cluster = new InProcessTestClusterBuilder(1).Build();
        await cluster.DeployAsync().DefaultTimeout();
        var grain = cluster.Client.GetGrain<ISmoke>("x");

        Assert.Equal(5, await grain.Add(2, 3).DefaultTimeout());

        var sent = new List<string> { "a" };
        Assert.Equal(["a", "x"], await grain.Echo(sent, CancellationToken.None).DefaultTimeout());
        Assert.Equal(["a"], sent);
    }
}
