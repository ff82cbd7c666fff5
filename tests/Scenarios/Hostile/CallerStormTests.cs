using System.Net;
using System.Text;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Hostile;

/// <summary>What callers can do to the real program: it lives, serves others, and comes back to rest.</summary>
[Collection(RunsAlone.Name)]
public sealed class CallerStormTests
{
    private const string Publish = "/switchboard.v1.AgentGateway/AgentRequestPublish";
    private const int Long = 4_000_000;

    [LinuxFact]
    public Task Many_callers_of_agents_that_were_never_seen() => Victim.EnduresAsync(3, static async victim =>
    {
        using var channel = victim.NewChannel();
        var client = new AgentGateway.AgentGatewayClient(channel);
        var calls = Enumerable.Range(0, 1000).Select(i => StatusAsync(client, i < 200 ? "never-seen" : $"never-seen-{i}"));
        Assert.All(await Task.WhenAll(calls), static status => Assert.Equal(StatusCode.NotFound, status));
    });

    /// <summary>Waiting for agents that never come, and gone before they could.</summary>
    [LinuxFact]
    public Task Callers_that_go_away_at_once() => Victim.EnduresAsync(3, static async victim =>
    {
        using var channel = victim.NewChannel();
        var client = new AgentGateway.AgentGatewayClient(channel);
        await Parallel.ForEachAsync(Enumerable.Range(0, 3000), async (i, _) =>
        {
            using var gone = new CancellationTokenSource();
            var status = StatusAsync(client, $"away-{i % 50}", new Metadata { { "connect-wait", "60" } }, gone.Token);
            await Task.Yield();
            await gone.CancelAsync();
            Assert.Contains(await status, new[] { StatusCode.Cancelled, StatusCode.ResourceExhausted });
        });
    });

    [LinuxFact]
    public Task Durable_requests_of_four_megabytes_for_agents_that_are_away() => Victim.EnduresAsync(2, static victim => KeptAsync(victim, 250, every: 1));

    /// <summary>One large one to keep among ten that are live.</summary>
    [LinuxFact]
    public Task Durable_requests_among_others() => Victim.EnduresAsync(2, static victim => KeptAsync(victim, 1100, every: 11));

    /// <summary>The halves of 400 messages of 4 MB, on one connection, that stay unfinished until the gateway cuts them.</summary>
    [LinuxFact]
    public Task Unfinished_messages() => Victim.EnduresAsync(
        1,
        static async victim =>
        {
            using var client = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = false }) { BaseAddress = victim.Grpc };
            var half = RawRpc.Frame(new byte[Long / 2], length: Long);
            var calls = Enumerable.Range(0, 400).Select(_ => new OpenRpc(client, Publish)).ToList();
            await Task.WhenAll(calls.Select(call => call.SendAsync(half)));
            foreach (var call in calls)
            {
                Assert.NotEqual(StatusCode.OK, (await call.End.DefaultTimeout()).Status);
            }

            calls.ForEach(call => call.Dispose());
        },
        "--Switchboard:Requests:MaxMessageTime=5s");

    /// <summary>A length, a piece of the body, and gone.</summary>
    [LinuxFact]
    public Task Bodies_cut_short() => Victim.EnduresAsync(3, static victim => Parallel.ForEachAsync(Enumerable.Range(0, 1000), async (i, _) =>
    {
        using var connection = await RawClient.ConnectAsync(victim.Rest);
        await connection.SendAsync($"POST /v1/agents/cut-{i}/requests HTTP/1.1\r\nHost: {victim.Rest.Authority}\r\nContent-Length: 1000000\r\n\r\n");
        await connection.SendAsync(new string('x', i % 2000));
    }));

    [LinuxFact]
    public Task Noise_for_messages() => Victim.EnduresAsync(3, static async victim =>
    {
        using var client = new HttpClient { BaseAddress = victim.Grpc };
        var random = new Random(7);
        var noise = Enumerable.Range(0, 1000).Select(_ =>
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            return random.Next(3) == 0 ? bytes : RawRpc.Frame(bytes, (byte)random.Next(3));
        }).ToList();
        await Parallel.ForEachAsync(noise, async (bytes, _) =>
            Assert.NotEqual(StatusCode.Unknown, (await RawRpc.CallAsync(client, Publish, bytes)).Status));
    });

    /// <summary>Our own: streams that are opened and reset at once, as in "rapid reset" (CVE-2023-44487).</summary>
    [LinuxFact]
    public Task Calls_that_are_reset_at_once() => Victim.EnduresAsync(3, static async victim =>
    {
        using var client = new HttpClient { BaseAddress = victim.Grpc };
        for (var i = 0; i < 100; i++)
        {
            var calls = Enumerable.Range(0, 50).Select(_ => new OpenRpc(client, Publish)).ToList();
            calls.ForEach(call => call.Dispose());
            foreach (var call in calls)
            {
                await Assert.ThrowsAnyAsync<Exception>(() => call.End.DefaultTimeout());
            }
        }
    });

    /// <summary>Our own: tasks whose callers do not wait for them.</summary>
    [LinuxFact]
    public Task Tasks_that_nobody_waits_for() => Victim.EnduresAsync(3, static async victim =>
    {
        using var client = victim.NewRest();
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), async (i, _) =>
        {
            using var gone = new CancellationTokenSource();
            using var body = new StringContent("""{"kind":"create","message":"hi"}""", Encoding.UTF8, "application/json");
            var call = client.PostAsync(new Uri("/echo", UriKind.Relative), body, gone.Token);
            if (i % 2 == 0)
            {
                await gone.CancelAsync();
            }

            try
            {
                using var response = await call.DefaultTimeout();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
            catch (OperationCanceledException)
            {
                // As it was asked to.
            }
        });
    });

    /// <summary>More connections than may be, all of them silent; they are let go in the end, by whichever side.</summary>
    [LinuxFact]
    public Task Silent_connections() => Victim.EnduresAsync(
        2,
        static async victim =>
        {
            var open = new List<RawClient>();
            for (var i = 0; i < 1000; i++)
            {
                open.Add(await RawClient.ConnectAsync(i % 2 == 0 ? victim.Rest : victim.Grpc));
            }

            await Eventually.IsTrueAsync(() => open.TrueForAll(static c => c.IsOver()), () => $"{open.Count(c => !c.IsOver())} are open");
            open.ForEach(static connection => connection.Dispose());
        },
        "--Switchboard:Listen:MaxConnections=500",
        "--Switchboard:Listen:RequestHeadersTimeout=5s");

    private static async Task KeptAsync(Victim victim, int count, int every)
    {
        using var rest = victim.NewRest();
        using var channel = victim.NewChannel();
        var client = new AgentGateway.AgentGatewayClient(channel);
        var body = new byte[Long];
        var statuses = new System.Collections.Concurrent.ConcurrentBag<int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, over) =>
        {
            if (i % every != 0)
            {
                Assert.Contains(await StatusAsync(client, $"away-{i}", gone: over), new[] { StatusCode.NotFound, StatusCode.ResourceExhausted });
                return;
            }

            using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/away-{i}/requests?ttl=15") { Content = new ByteArrayContent(body) };
            call.Headers.Add("Prefer", "respond-async");
            using var response = await rest.SendAsync(call, over).DefaultTimeout();
            statuses.Add((int)response.StatusCode);
        });
        Assert.All(statuses, static status => Assert.Contains(status, new[] { 202, 429, 507 }));
        Assert.Contains(202, statuses);
        Assert.Contains(507, statuses);
        Assert.InRange(await victim.MetricAsync("switchboard_durable_bytes"), 1, 256 << 20);
    }

    private static async Task<StatusCode> StatusAsync(
        AgentGateway.AgentGatewayClient client, string agent, Metadata? metadata = null, CancellationToken gone = default)
    {
        using var call = client.AgentRequestPublish(new AgentRequest { AgentId = agent, Method = "x" }, metadata, cancellationToken: gone);
        try
        {
            await call.ResponseStream.MoveNext().DefaultTimeout();
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}
