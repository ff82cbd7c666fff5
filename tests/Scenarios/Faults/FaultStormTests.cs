using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Listening;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Faults;
using Xunit.Abstractions;

namespace Switchboard.Scenarios.Faults;

/// <summary>
/// R1, R2: ten thousand requests over connections that are cut, reset, delayed, silent, trickling and overtaken, by a schedule from a
/// seed (<c>SWITCHBOARD_FAULT_SEED</c>). Each ends once, with a verdict that both sides' books bear out; and then nothing is left.
/// </summary>
[Collection(RunsAlone.Name)]
public sealed class FaultStormTests(ITestOutputHelper output)
{
    private const int Requests = 10_000;
    private const int Agents = 6;
    private const int GrpcCallers = 6;
    private const int RestCallers = 4;
    private const int AtOnce = 12;

    // The last agent and the first caller of each kind have a calm way: what they do with each other must not suffer at all.
    private const int CalmAgent = Agents - 1;

    private static readonly int _seed =
        int.Parse(Environment.GetEnvironmentVariable("SWITCHBOARD_FAULT_SEED") ?? "1", NumberStyles.None, CultureInfo.InvariantCulture);

    private readonly ConcurrentDictionary<int, (StormEnd End, bool Calm)> _ends = new();
    private readonly AgentBook _book = new();
    private readonly List<FaultyProxy> _proxies = [];
    private TimeSpan _took;

    [Fact]
    public async Task Every_request_ends_once_with_a_true_verdict_and_nothing_is_left()
    {
        try
        {
            await StormAsync();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"SWITCHBOARD_FAULT_SEED={_seed}: {e.Message}", e);
        }
    }

    private async Task StormAsync()
    {
        await using var host = await GatewayHost.StartAsync(settings:
        [
            ("Switchboard:Listen:KeepAlivePing", "1s"), ("Switchboard:Sessions:HeartbeatInterval", "1s"),
            ("Switchboard:Sessions:WriteTimeout", "2s"), ("Switchboard:Requests:IdleTimeout", "2s"),
            ("Switchboard:Requests:HistorySize", "50000"),
        ]);
        using var connections = new MetricCollector<long>(
            host.Service<IMeterFactory>(), "Microsoft.AspNetCore.Server.Kestrel", "kestrel.active_connections");
        var heap = await HeapAsync(host);
        var calm = Open(connections);
        await RunAsync(host);
        Summarise();
        Assert.Empty(_book.Wrong);
        foreach (var (number, (end, isCalm)) in _ends)
        {
            Check(host, StormRequest.Draw(_seed, number), end, isCalm);
        }

        await Eventually.IsTrueAsync(() => Open(connections) <= calm, () => $"{Open(connections)} connections are open, {calm} were");
        await NothingIsLeftAsync(host, heap);
    }

    private static long Open(MetricCollector<long> connections) => connections.GetMeasurementSnapshot().EvaluateAsCounter();

    private async Task RunAsync(GatewayHost host)
    {
        var grpc = host.Service<ListenAddresses>().Grpc;
        var agents = new List<StormAgent>();
        var callers = new List<StormCaller>();
        try
        {
            for (var i = 0; i < Agents; i++)
            {
                var address = Behind(grpc, calm: i == CalmAgent);
                agents.Add(new StormAgent(host, address, $"storm-{i}", _book, _seed));
            }

            for (var i = 0; i < GrpcCallers + RestCallers; i++)
            {
                var calm = i is 0 or GrpcCallers;
                callers.Add(i < GrpcCallers ? StormCaller.OverGrpc(Behind(grpc, calm)) : StormCaller.OverRest(Behind(host.Rest, calm)));
            }

            await Task.WhenAll(agents.Select(a => a.Connected));
            var start = TimeProvider.System.GetTimestamp();
            var next = -1;
            await Task.WhenAll(callers.SelectMany((caller, i) => Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
            {
                while (Interlocked.Increment(ref next) is < Requests and var number)
                {
                    var request = StormRequest.Draw(_seed, number);
                    var agent = request.Agent % Agents;
                    var calm = agent == CalmAgent && (i is 0 or GrpcCallers);

                    // On a calm way it is not the clock, on two busy cores, that is tried.
                    var timeout = TimeSpan.FromSeconds(calm && request.Response != StormResponse.Mute ? 20 : 1);
                    Assert.True(_ends.TryAdd(number, (await caller.SendAsync(request, agents[agent].Id, timeout), calm)));
                }
            }))));
            _took = TimeProvider.System.GetElapsedTime(start);

            // While the sessions still live: with them would go what they hold by mistake.
            await host.AssertQuietAsync();
        }
        finally
        {
            callers.ForEach(c => c.Dispose());
            foreach (var agent in agents)
            {
                await agent.DisposeAsync();
            }

            foreach (var proxy in _proxies)
            {
                await proxy.DisposeAsync();
            }
        }
    }

    private Uri Behind(Uri server, bool calm)
    {
        // Silence costs whoever meets it seconds, and is rarer for that.
        var plan = new FaultPlan((_seed * 1000) + _proxies.Count)
        {
            MaxFaults = 5,
            WithinBytes = 512 * 1024,
            EveryOneEnds = true,
            Kinds =
            [
                .. Enum.GetValues<ProxyFault>(), .. Enumerable.Repeat(ProxyFault.Delay, 4), .. Enumerable.Repeat(ProxyFault.Trickle, 4),
            ],
        };
        var proxy = FaultyProxy.Start(server, calm ? null : n => Softened(plan.For(n)));
        _proxies.Add(proxy);
        return proxy.Address;
    }

    // An agent that hears nothing at all before its welcome waits 15 s for it, by the SDK's own limit; this test has not so much time.
    private static ConnectionPlan Softened(ConnectionPlan plan) => plan with
    {
        Faults =
        [
            .. plan.Faults.Select(f =>
                f.Kind is ProxyFault.Silence or ProxyFault.OneWaySilence ? f with { AfterBytes = f.AfterBytes + 4096 } : f),
        ],
    };

    private void Check(GatewayHost host, StormRequest request, StormEnd end, bool calm)
    {
        var what = $"request {request.Number} ({request.Response}): {end}";
        _book.Entries.TryGetValue(request.Number, out var agent);
        Assert.True(agent is null or { Received: 1 }, $"it was received {agent?.Received} times: {what}");
        if (end.Sent == false)
        {
            Assert.True(agent is null, $"told that it was not sent, and the agent has it: {what}");
        }

        if (end.Reason == "answered")
        {
            Assert.True(agent is { WroteAll: true }, $"answered, and the agent has not: {what}");
            Assert.True(end.Status == request.Status && end.Whole, $"another response than the agent's: {what}");
        }

        if (end.Reason == "agent-failed" && calm)
        {
            Assert.True(agent is { Failed: true }, $"told that the agent failed, and it did not: {what}");
        }

        if (calm)
        {
            // Over HTTP/1.1 a failure halfway can only be told by cutting the connection, at times before the head has gone; and the
            // caller's own deadline, 50 ms after ours, may be heard of first.
            var untold = end.Reason is null && request.Response is (StormResponse.FailsHalfway or StormResponse.Mute);
            Assert.True(untold || end.Reason == Expected(request.Response), $"nothing happened on its way: {what}");
        }

        if (end.RequestId is not null)
        {
            CheckHistory(host, end, agent, what);
        }
    }

    private static string Expected(StormResponse response) => response switch
    {
        StormResponse.Fails or StormResponse.FailsHalfway => "agent-failed",
        StormResponse.Mute => "first-message-timeout",
        _ => "answered",
    };

    // What the gateway remembers of it is what it told the caller.
    private static void CheckHistory(GatewayHost host, StormEnd end, AgentEntry? agent, string what)
    {
        Assert.True(RequestId.TryParse(end.RequestId, out var id), what);
        var report = host.Requests.Describe(id);
        Assert.True(report is { Verdict: not null }, $"it has not ended: {what}");
        var reason = VerdictTable.Get(report.Verdict.Value).Reason;
        if (end.Reason is not null)
        {
            Assert.True(reason == end.Reason, $"the gateway's history says {reason}: {what}");
            Assert.True(end.Sent is null || end.Sent == report.Sent, $"the gateway's history says sent {report.Sent}: {what}");
        }

        Assert.True(
            report.Verdict != Verdict.Answered || agent is { WroteAll: true }, $"the history says answered, the agent has not: {what}");
        Assert.True(report.Verdict != Verdict.Internal, $"the gateway's own fault: {what}");
    }

    private async Task NothingIsLeftAsync(GatewayHost host, long heapAtStart)
    {
        await host.AssertQuietAsync();
        await Eventually.IsTrueAsync(
            () => host.Sessions.Count == 0 && !host.Sessions.Streams.Any() && host.Service<Drain>().Running == 0,
            () => $"sessions {host.Sessions.Count}, streams {host.Sessions.Streams.Count()}, running {host.Service<Drain>().Running}");
        var (accepted, ended) = await CountsAsync(host);
        Assert.Equal(accepted, ended);
        var heap = await HeapAsync(host);
        var (requests, sessions) = (_book.Requests.Count(r => r.TryGetTarget(out _)), _book.Sessions.Count(s => s.TryGetTarget(out _)));
        output.WriteLine(
            $"alive: {requests} of {_book.Requests.Count} requests, {sessions} of {_book.Sessions.Count} sessions; "
            + $"heap {heapAtStart:n0} to {heap:n0}");
        Assert.InRange(requests, 0, 8);
        Assert.InRange(sessions, 0, 8);
        Assert.InRange(heap, 0, heapAtStart + 32_000_000);
    }

    // With one request before, so that what is made once is there at the start too.
    private static async Task<long> HeapAsync(GatewayHost host)
    {
        await using (var agent = await TestAgent.ConnectAsync(host, "calm"))
        {
            _ = agent.EchoAsync();
            Assert.Equal("at once", (await TestCall.RunAsync(host, "calm", "at once")).Text);
        }

        await Eventually.IsTrueAsync(() => host.Sessions.Count == 0, () => "the calm agent is still there");
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    private static async Task<(double Accepted, double Ended)> CountsAsync(GatewayHost host)
    {
        using var http = new HttpClient { BaseAddress = host.Rest };
        var lines = (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative)).DefaultTimeout()).Split('\n');
        double Sum(string name) => lines.Where(l => l.StartsWith(name, StringComparison.Ordinal))
            .Sum(l => double.Parse(l.Split(' ')[^1], CultureInfo.InvariantCulture));
        return (Sum("switchboard_requests_accepted_total"), Sum("switchboard_request_duration_seconds_count"));
    }

    // A storm in which nothing happened would be green too.
    private void Summarise()
    {
        var reasons = _ends.Values.GroupBy(e => e.End.Reason ?? "(told nothing)").ToDictionary(g => g.Key, g => g.Count());
        var ends = reasons.OrderByDescending(r => r.Value).Select(r => $"{r.Key} {r.Value}");
        output.WriteLine($"seed {_seed}, {_took.TotalSeconds:n1} s: {string.Join(", ", ends)}");
        var suffered = Enum.GetValues<ProxyFault>().ToDictionary(k => k, k => _proxies.Sum(p => p.Suffered(k)));
        output.WriteLine($"{string.Join(", ", suffered.Select(s => $"{s.Key} {s.Value}"))}; connections {_proxies.Sum(p => p.Accepted)}");
        Assert.Equal(Requests, _ends.Count);
        Assert.All(suffered, s => Assert.True(s.Value > 0, $"no {s.Key}"));
        Assert.True(reasons["answered"] > Requests / 3, "fewer than a third were answered");
        Assert.True(reasons.GetValueOrDefault("agent-disconnected") > 0, "no agent was lost");
    }
}
