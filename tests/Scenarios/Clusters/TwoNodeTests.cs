using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Api.Startup;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;

namespace Switchboard.Scenarios.Clusters;

/// <summary>Two nodes are one gateway: whoever is connected to either is reached through either, and what was promised outlives both.</summary>
[Collection(RunsAlone.Name)]
public sealed class TwoNodeTests
{
    // A reminder's period is a minute, and it falls due when it would have without the crash.
    private static readonly TimeSpan _reminded = TimeSpan.FromSeconds(150);

    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task An_agent_at_either_is_called_through_either(ClusterProvider membership)
    {
        await using var cluster = await TestCluster.NewAsync(membership);
        var nodes = await cluster.StartAsync(2);
        await AssertCalledCrosswiseAsync(nodes);
    }

    /// <summary>A front door that stands alone finds its silos in the same place, and is a front door as any other.</summary>
    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task A_front_door_alone_is_one_of_them(ClusterProvider membership)
    {
        await using var cluster = await TestCluster.NewAsync(membership);
        var silos = await cluster.StartAsync(2);
        var alone = await cluster.StartFrontDoorAsync();
        await AssertCalledCrosswiseAsync([.. silos, alone]);
    }

    /// <summary>D1: what was accepted with 202 is delivered, though every process of the cluster is killed right after.</summary>
    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task A_durable_request_outlives_both(ClusterProvider membership)
    {
        await using var cluster = await TestCluster.NewAsync(membership);
        var nodes = await cluster.StartAsync(2);
        string path;
        using (var http = new HttpClient { BaseAddress = nodes[0].Rest })
        {
            path = await http.AcceptedAsync("away", "kept");
        }

        await Task.WhenAll(nodes.Select(static n => n.SignalAsync("KILL")));
        await Task.WhenAll(nodes.Select(static n => n.ExitAsync()));
        nodes = await cluster.StartAsync(2);
        using var channel = GrpcChannel.ForAddress(nodes[1].Grpc);
        await using var agent = await TestAgent.ConnectAsync(channel, "away");
        V1.AgentRequest? request = null;
        await Eventually.IsTrueAsync(() => agent.TryNextRequest(out request), () => "it was not delivered", _reminded);
        Assert.Equal(("kept", "m"), (request!.Body.ToStringUtf8(), request.Method));
        Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, new V1.AgentResponse { Body = request.Body }));

        using var again = new HttpClient { BaseAddress = nodes[0].Rest };
        Assert.Equal("kept", await again.KeptAsync(path));
    }

    private static async Task AssertCalledCrosswiseAsync(GatewayProcess[] nodes)
    {
        List<ClusterAgent> agents = [];
        try
        {
            for (var i = 0; i < nodes.Length; i++)
            {
                var address = nodes[i].Grpc;
                agents.Add(ClusterAgent.OfStockClient($"stock-{i}", () => [address], home: 0));
                agents.Add(ClusterAgent.OfSdk($"sdk-{i}", address));
            }

            foreach (var caller in nodes.SelectMany(ClusterCaller.OverBoth))
            {
                using (caller)
                {
                    foreach (var agent in agents)
                    {
                        await caller.UntilServedAsync(agent.Id);
                        Assert.Equal(new CallerEnd(CallerEnd.Answered, true, "hello"), await caller.CallAsync(agent.Id, "hello"));
                    }

                    var nobody = await caller.CallAsync("nobody", "hello");
                    Assert.Equal(("agent-offline", false), (nobody.Reason, nobody.Sent));
                }
            }
        }
        finally
        {
            foreach (var agent in agents)
            {
                await agent.DisposeAsync();
            }
        }
    }
}
