using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Switchboard.Api.Admission;
using Switchboard.Api.Sessions;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Tests.Harness;
using Switchboard.Api.Tests.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Admission;

/// <summary>
/// Every limit of docs/limits.md: past it, <c>overloaded</c>, unsent, with the limit's name and value and when to try again; counted; and
/// nothing is left of it. <see cref="AdmissionTests"/> has what one agent has in flight, <see cref="ConnectWaitTests"/> those who wait.
/// </summary>
public sealed class LimitTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("MaxRequestsPerSecond", "process.request_rate")]
    [InlineData("MaxRequestsPerSecondPerAgent", "agent.request_rate")]
    [InlineData("MaxRequestsPerSecondPerCaller", "caller.request_rate")]
    public async Task Requests_a_second(string option, string limit)
    {
        await using var host = await StartAsync((option, "2"));
        await using var agent = await TestAgent.ConnectAsync(host, "rate");
        _ = agent.EchoAsync();
        for (var second = 0; second < 2; second++)
        {
            Assert.Equal("1", (await TestCall.RunAsync(host, "rate", "1")).Text);
            Assert.Equal("2", (await TestCall.RunAsync(host, "rate", "2")).Text);
            await RefusedAsync(host, "rate", limit, "2");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // Only an agent's own limit lets another agent's requests through.
        Assert.Equal("1", (await TestCall.RunAsync(host, "rate", "1")).Text);
        Assert.Equal("2", (await TestCall.RunAsync(host, "rate", "2")).Text);
        var other = await TestCall.RunAsync(host, "other");
        Assert.Equal(limit.StartsWith("agent", StringComparison.Ordinal) ? "agent-offline" : "overloaded", other.Reason);
        await host.AssertQuietAsync();
    }

    [Fact]
    public async Task A_callers_requests_in_flight()
    {
        await using var host = await StartAsync(("MaxInFlightPerCaller", "2"));
        await using var agent = await TestAgent.ConnectAsync(host, "flight");
        var first = TestCall.Start(host, "flight");
        var request = await agent.NextRequestAsync();
        var second = TestCall.Start(host, "flight");
        await agent.NextRequestAsync();
        Assert.Equal(1, host.Limits.Callers);
        await RefusedAsync(host, "flight", "caller.in_flight", "2");
        using (var client = new HttpClient { BaseAddress = host.Rest })
        using (var response = await client.PostAsync("/v1/agents/flight/requests", null).DefaultTimeout())
        {
            Assert.Equal((429, "1"), ((int)response.StatusCode, response.Headers.RetryAfter?.ToString()));
            Assert.Contains("(caller.in_flight)", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // Whatever its end, it makes room.
        await agent.RespondAsync(request.Id, new AgentResponse());
        await first.EndAsync();
        second.Dispose();
        await host.AssertQuietAsync();
        await EveryEndAsync(host);
        await host.AssertQuietAsync();
    }

    [Fact]
    public async Task The_process_requests_in_flight()
    {
        await using var host = await GatewayHost.StartAsync(_time, settings: ("Switchboard:Requests:MaxPending", "1"));
        await using var agent = await TestAgent.ConnectAsync(host, "one");
        var call = TestCall.Start(host, "one");
        var request = await agent.NextRequestAsync();
        await RefusedAsync(host, "one", "process.in_flight", "1");
        await agent.RespondAsync(request.Id, new AgentResponse());
        await call.EndAsync();
        await host.AssertQuietAsync();
    }

    /// <summary>What is not sent counts as held, and what is sent or over does not.</summary>
    [Fact]
    public async Task Bytes_of_requests()
    {
        await using var host = await StartAsync(("MaxBytesHeld", $"{8 << 20}"));
        using var stuck = new StuckStream();
        var running = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("deaf"), stuck, stuck.Gone);
        await stuck.Stuck.DefaultTimeout();
        var calls = new List<TestCall>();
        for (var i = 1; i <= 2; i++)
        {
            calls.Add(Large(host, "deaf"));
            await calls[^1].IdAsync();
            Assert.InRange(host.Limits.Bytes.Acquired, i * 3_000_000, (i * 3_000_000) + 1000);
        }

        var refused = await Large(host, "deaf").EndAsync();
        Assert.Equal(("overloaded", "no"), (refused.Reason, refused.Sent));
        Assert.Contains("8388608 (process.bytes)", refused.Detail, StringComparison.Ordinal);

        // Small ones still fit; an end gives back what it held.
        Assert.Equal("agent-offline", (await TestCall.RunAsync(host, "nobody")).Reason);
        calls[0].Dispose();
        await Eventually.IsTrueAsync(() => host.Limits.Bytes.Acquired < 4_000_000, () => "its bytes are still held");
        stuck.Release();
        await stuck.CountAsync(2);
        Assert.Equal(0, host.Limits.Bytes.Acquired);
        await stuck.LeaveAsync(running);
        Assert.Equal("agent-disconnected", (await calls[1].EndAsync()).Reason);
        await host.AssertQuietAsync();
    }

    /// <summary>R6: an agent that does not read takes its own share of the bytes, and not everybody's.</summary>
    [Fact]
    public async Task Bytes_of_one_agents_queue()
    {
        await using var host = await GatewayHost.StartAsync(_time, settings: ("Switchboard:Sessions:MaxQueuedBytes", "5000000"));
        using var stuck = new StuckStream();
        var running = host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("deaf"), stuck, stuck.Gone);
        await stuck.Stuck.DefaultTimeout();
        var first = Large(host, "deaf");
        await first.IdAsync();
        var refused = await Large(host, "deaf").EndAsync();
        Assert.Contains("5000000 (agent.queued_bytes)", refused.Detail, StringComparison.Ordinal);
        await using var agent = await TestAgent.ConnectAsync(host, "reads");
        _ = agent.EchoAsync();
        Assert.Equal(3_000_000, (await Large(host, "reads").EndAsync()).Messages.Sum(m => m.Body.Length));
        await stuck.LeaveAsync(running);
        Assert.Equal("agent-offline", (await first.EndAsync()).Reason);
        await host.AssertQuietAsync();
    }

    /// <summary>Bodies that trickle in over REST are counted while they do, before anybody knows whose they are.</summary>
    [Fact]
    public async Task Bytes_of_bodies_that_are_being_read()
    {
        await using var host = await StartAsync(("MaxBytesHeld", $"{8 << 20}"));
        var slow = new List<TcpClient>();
        for (var i = 1; i <= 2; i++)
        {
            slow.Add(await PostSlowlyAsync(host, 3_000_000));
            await Eventually.IsTrueAsync(
                () => host.Limits.Bytes.Acquired == i * 3_000_000, () => $"{host.Limits.Bytes.Acquired} bytes are counted for {i}");
        }

        using var third = await PostSlowlyAsync(host, 3_000_000);
        using var reader = new StreamReader(third.GetStream());
        Assert.StartsWith("HTTP/1.1 429", await reader.ReadLineAsync().DefaultTimeout(), StringComparison.Ordinal);
        slow.ForEach(c => c.Dispose());
        await host.AssertQuietAsync();
    }

    [Theory]
    [InlineData("MaxConnectsPerSecond", "process.connect_rate")]
    [InlineData("MaxConnectsPerSecondPerAgent", "agent.connect_rate")]
    public async Task Connects_a_second(string option, string limit)
    {
        await using var host = await StartAsync((option, "1"));
        await using var agent = await TestAgent.ConnectAsync(host, "eager");
        var e = await Assert.ThrowsAsync<RpcException>(() => TestAgent.ConnectAsync(host, "eager"));
        Assert.Equal((StatusCode.ResourceExhausted, "overloaded", "1"), (e.StatusCode, e.Trailers.GetValue("switchboard-reason"), e.Trailers.GetValue("retry-after")));
        Assert.Contains($"({limit})", e.Status.Detail, StringComparison.Ordinal);
        if (limit.StartsWith("agent", StringComparison.Ordinal))
        {
            await using var other = await TestAgent.ConnectAsync(host, "other");
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        await using var again = await TestAgent.ConnectAsync(host, "eager");
    }

    [Fact]
    public async Task Sessions()
    {
        await using var host = await GatewayHost.StartAsync(settings: ("Switchboard:Sessions:MaxSessions", "1"));
        await using var agent = await TestAgent.ConnectAsync(host, "one");
        var e = await Assert.ThrowsAsync<RpcException>(() => TestAgent.ConnectAsync(host, "two"));
        Assert.Contains("1 (process.sessions)", e.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void A_caller_is_an_address_or_a_network(string one, string other, bool same)
        => Assert.Equal(same, CallerAddress.KeyOf(System.Net.IPAddress.Parse(one)) == CallerAddress.KeyOf(System.Net.IPAddress.Parse(other)));

    /// <summary>The metric's attribute, docs/limits.md and the code have one and the same set.</summary>
    [Fact]
    public void The_set_of_limits_is_closed()
    {
        Assert.Equal(Enum.GetValues<AdmissionLimit>().Length, LimitRejections.Names.Distinct().Count());
        using var services = new ServiceCollection().AddMetrics().AddSingleton<SwitchboardMeter>().BuildServiceProvider();
        var refusals = new LimitRejections(services.GetRequiredService<SwitchboardMeter>());
        foreach (var limit in Enum.GetValues<AdmissionLimit>())
        {
            var name = string.Concat(limit.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
            Assert.Equal(name, LimitRejections.Names[(int)limit].Replace('.', '_'));
            Assert.EndsWith($"({LimitRejections.Names[(int)limit]})", refusals.Count(limit, 7), StringComparison.Ordinal);
            Assert.Contains("7", refusals.Count(limit, 7), StringComparison.Ordinal);
            Assert.Same(refusals.Count(limit, 7), refusals.Count(limit, 7));
            Assert.Contains("8", refusals.Count(limit, 8), StringComparison.Ordinal);
        }
    }

    private Task<GatewayHost> StartAsync((string Option, string Value) setting) =>
        GatewayHost.StartAsync(_time, settings: ($"Switchboard:Admission:{setting.Option}", setting.Value));

    private static TestCall Large(GatewayHost host, string agent) =>
        new(host.Client, new AgentRequest { AgentId = agent, Body = ByteString.CopyFrom(new byte[3_000_000]) });

    private static async Task RefusedAsync(GatewayHost host, string agent, string limit, string value)
    {
        var before = Refused(host, limit);
        var end = await TestCall.RunAsync(host, agent);
        Assert.Equal((StatusCode.ResourceExhausted, "overloaded", "no"), (end.Status, end.Reason, end.Sent));
        Assert.Contains(value, end.Detail, StringComparison.Ordinal);
        Assert.Contains($"({limit})", end.Detail, StringComparison.Ordinal);
        Assert.Equal(before + 1, Refused(host, limit));
    }

    private static int Refused(GatewayHost host, string limit)
    {
        var series = $"switchboard_admission_refused_total{{limit=\"{limit}\"}} ";
        var line = host.Service<PrometheusExporter>().Render().Split('\n').SingleOrDefault(l => l.StartsWith(series, StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line.AsSpan(series.Length), System.Globalization.CultureInfo.InvariantCulture);
    }

    // Five, one after another, where two fit at once.
    private async Task EveryEndAsync(GatewayHost host)
    {
        List<string?> ends = [(await TestCall.RunAsync(host, "nobody")).Reason];
        ends.Add((await new TestCall(host.Client, TestCall.Request("nobody", timeout: TimeSpan.FromHours(1))).EndAsync()).Reason);
        await using (var agent = await TestAgent.ConnectAsync(host, "ends"))
        {
            var call = TestCall.Start(host, "ends");
            await agent.RespondAsync((await agent.NextRequestAsync()).Id, new AgentResponse { Error = "no" });
            ends.Add((await call.EndAsync()).Reason);
            call = TestCall.Start(host, "ends", timeout: TimeSpan.FromSeconds(1));
            await agent.NextRequestAsync();
            _time.Advance(TimeSpan.FromSeconds(1.1));
            ends.Add((await call.EndAsync()).Reason);
            call = TestCall.Start(host, "ends");
            await agent.NextRequestAsync();
            agent.Unsubscribe();
            ends.Add((await call.EndAsync()).Reason);
        }

        Assert.Equal(["agent-offline", "bad-request", "agent-failed", "first-message-timeout", "agent-disconnected"], ends);
    }

    private static async Task<TcpClient> PostSlowlyAsync(GatewayHost host, int bytes)
    {
        var client = new TcpClient();
        await client.ConnectAsync(host.Rest.Host, host.Rest.Port).DefaultTimeout();
        var head = $"POST /v1/agents/a/requests HTTP/1.1\r\nHost: a\r\nContent-Length: {bytes + 1}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head)).AsTask().DefaultTimeout();
        _ = client.GetStream().WriteAsync(new byte[bytes]).AsTask();
        return client;
    }
}
