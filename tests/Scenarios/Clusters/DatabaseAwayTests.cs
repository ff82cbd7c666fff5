using System.Net;
using Npgsql;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Faults;
using Switchboard.TestSupport.Servers;
using Xunit.Abstractions;

namespace Switchboard.Scenarios.Clusters;

/// <summary>The database of a cluster does not reply for longer than any lease lasts, and closes nothing: a failover, a network that drops.</summary>
[Collection(RunsAlone.Name)]
public sealed class DatabaseAwayTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _recovered = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Requests to agents that are connected go on as if nothing was, no agent is sent away, and a durable request is told that it is not
    /// accepted. When the database is back, no silo is taken for dead, and durable requests are accepted again.
    /// </summary>
    [PostgreSqlFact]
    public async Task Live_requests_go_on_while_it_is_away()
    {
        var direct = new NpgsqlConnectionStringBuilder(await PostgreSqlServer.NewDatabaseAsync());
        await using var proxy = FaultyProxy.Start(new Uri($"http://{direct.Host}:{direct.Port}"));
        direct.Port = proxy.Address.Port;
        await using var cluster = await TestCluster.OnAsync(direct.ConnectionString, profile: ClusterSize.Profile);
        var nodes = await cluster.StartAsync(3);
        await using var balancer = new Balancer(nodes);
        await using var agents = ClusterAgents.OfBothKinds(ClusterSize.Agents, balancer);
        await agents.UntilConnectedAsync();
        await using var load = new ClusterLoad(nodes, agents.All);
        await load.UntilAllAreServedAsync(TimeSpan.Zero, _recovered);
        var report = new DeathReport(load, calm: load.Now, output);
        await load.UntilMoreAsync(300);
        var connects = agents.All.Sum(static a => a.Connects);

        proxy.GoSilent();
        var at = load.Now;
        using var http = new HttpClient { BaseAddress = nodes[0].Rest };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AcceptAsync(http));
        await Eventually.IsTrueAsync(() => load.Now > at + ClusterSize.Away, static () => "", ClusterSize.Away * 2);
        proxy.Speak();
        await load.UntilAllAreServedAsync(load.Now, _recovered);
        await Eventually.IsTrueAsync(async () => await AcceptAsync(http) == HttpStatusCode.Accepted, static () => "durable requests are not accepted again", _recovered);
        await load.UntilMoreAsync(300);
        await load.StopAsync();

        report.Say("the database away", at);
        Assert.All(nodes, static n => Assert.True(n.Lives, string.Join('\n', n.Lines)));
        Assert.Equal(connects, agents.All.Sum(static a => a.Connects));
        report.AssertTold(isLost: static _ => false);
        Assert.All(load.Calls.Where(c => c.Began >= at), static c => Assert.True(c.End.IsAnswered, $"{c}"));
    }

    private static async Task<HttpStatusCode> AcceptAsync(HttpClient http)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/nobody/requests?method=m") { Content = new StringContent("kept") };
        message.Headers.Add("Prefer", "respond-async");
        using var response = await http.SendAsync(message).DefaultTimeout();
        return response.StatusCode;
    }
}
