using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.Tasks;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Sessions;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Tests.Harness;
using Switchboard.Silo.Storage.Sqlite;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Telemetry;

/// <summary>
/// Section 9: every instrument measures something. Each scene makes some of them move, and reads <c>/metrics</c> as an operator does; at
/// the end none may be left that never moved. A new instrument fails here until a scene shows it.
/// </summary>
public sealed class EveryInstrumentTests
{
    private static readonly string[] _notInstruments =
        [nameof(MetricNames.Meter), nameof(MetricNames.Outcome), nameof(MetricNames.Reason), nameof(MetricNames.Queue), nameof(MetricNames.Limit), nameof(MetricNames.State)];

    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);

    [Fact]
    public async Task Every_instrument_moves()
    {
        using var applier = new HeldApplier();
        await using var host = await GatewayHost.StartAsync(
            null,
            services =>
            {
                services.RemoveAll<ITaskApplier>();
                services.AddSingleton<ITaskApplier>(applier);
            },
            ("Switchboard:Requests:ResponseWindowBytes", "1000"),
            ("Switchboard:Admission:MaxWaiting", "1"),
            ("Switchboard:Grains:DisplacementBurst", "1"),
            ("Switchboard:Grains:DisplacementInterval", "500ms"),
            ("Switchboard:Tasks:Timeout", "200ms"));
        await using var agent = await TestAgent.ConnectAsync(host, "instruments");
        await RespondedAsync(host, agent);
        await PausedAsync(host, agent);
        await WaitedForAsync(host);
        await DisplacedAsync(host);
        await SlowedAsync(host);
        await TasksAsync(host, applier);
        await DurableAsync(host);
        await StoredAsync(host);
        await RebalancedAsync(host);
        Overflow(host);

        var all = typeof(MetricNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(f => !_notInstruments.Contains(f.Name)).Select(f => (string)f.GetRawConstantValue()!);
        Assert.Empty(all.Where(name => !_moved.Contains(name.Replace('.', '_'))).Order());
    }

    private async Task RespondedAsync(GatewayHost host, TestAgent agent)
    {
        var running = TestCall.RunAsync(host, "instruments");
        var request = await agent.NextRequestAsync();
        Look(host);
        Assert.True(Moved(MetricNames.RequestsPending));
        await agent.RespondAsync(request.Id, new AgentResponse { Status = 200 });
        await running;

        // Too late: nobody waits for it any more.
        Assert.Equal(StatusCode.NotFound, await agent.RespondAsync(request.Id));
    }

    private async Task PausedAsync(GatewayHost host, TestAgent agent)
    {
        using var call = TestCall.Start(host, "instruments");
        var part = new AgentResponse { Body = ByteString.CopyFrom(new byte[100_000]) };
        var responding = agent.RespondAsync((await agent.NextRequestAsync()).Id, [.. Enumerable.Repeat(part, 100)]);
        await call.NextAsync();
        await Eventually.IsTrueAsync(() => Look(host) && Moved(MetricNames.ResponseBytesHeld), () => "nothing is held for a caller that does not read");
        await call.EndAsync();
        Assert.Equal(StatusCode.OK, await responding);
    }

    // One waits, with its bytes, for an agent that is away; the next finds no place.
    private async Task WaitedForAsync(GatewayHost host)
    {
        using var call = new TestCall(host.Client, TestCall.Request("instruments-away"), metadata: new Metadata { { "connect-wait", "60" } });
        await Eventually.IsTrueAsync(() => Look(host) && Moved(MetricNames.RequestsWaiting), () => "nobody waits");
        using var next = new TestCall(host.Client, TestCall.Request("instruments-away"), metadata: new Metadata { { "connect-wait", "60" } });
        Assert.Equal("overloaded", (await next.EndAsync()).Reason);
        Look(host);
    }

    private async Task DisplacedAsync(GatewayHost host)
    {
        await using var older = await TestAgent.ConnectAsync(host, "instruments-twice");
        await using var newer = await TestAgent.ConnectAsync(host, "instruments-twice");
        await older.Ended.DefaultTimeout();
        await Eventually.IsTrueAsync(() => Look(host) && Moved(MetricNames.SessionsEnded), () => "no session has ended");
    }

    // Each displaces the one before, sooner or later too soon after it.
    private async Task SlowedAsync(GatewayHost host)
    {
        while (Look(host) && !Moved(MetricNames.ConnectsDelayed))
        {
            await using var older = await TestAgent.ConnectAsync(host, "instruments-slowed");
            await using var newer = await TestAgent.ConnectAsync(host, "instruments-slowed");
            await using var newest = await TestAgent.ConnectAsync(host, "instruments-slowed");
        }
    }

    // As if there were another front door, without a session.
    private async Task RebalancedAsync(GatewayHost host)
    {
        List<TestAgent> agents = [];
        for (var i = 0; i < 30; i++)
        {
            agents.Add(await TestAgent.ConnectAsync(host, $"instruments-many-{i}"));
        }

        ActivatorUtilities.CreateInstance<SessionBalancer>(host.Services).OnRenewed(new(host.Sessions.Count, 2, TimeSpan.FromMinutes(1)));
        await Eventually.IsTrueAsync(() => Look(host) && Moved(MetricNames.SessionsMoved), () => "no session is moved");
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }

    private async Task TasksAsync(GatewayHost host, HeldApplier applier)
    {
        using var client = new HttpClient { BaseAddress = host.Rest };
        var first = PostAsync(client);
        await applier.WhenBegunAsync();
        var second = PostAsync(client);
        await Eventually.IsTrueAsync(() => Look(host) && Moved(MetricNames.QueueDepth), () => "no task waits");

        // Both time out; then the first one's outcome comes, and nobody waits for it any more.
        await first;
        await second;
        applier.LetGo();
        await Eventually.IsTrueAsync(() => Look(host) && Moved(MetricNames.TasksLate), () => "no outcome is late");
    }

    private async Task DurableAsync(GatewayHost host)
    {
        using var client = new HttpClient { BaseAddress = host.Rest };
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/instruments-away/requests");
        call.Headers.Add("Prefer", "respond-async");
        using var response = await client.SendAsync(call).DefaultTimeout();
        Look(host);
    }

    private async Task StoredAsync(GatewayHost host)
    {
        var folder = Directory.CreateTempSubdirectory("switchboard-test-");
        var options = new SqliteDatabaseOptions { Path = Path.Combine(folder.FullName, "switchboard.db") };
        await using (var database = SqliteDatabase.Open(options, host.Service<IMeterFactory>(), TimeProvider.System))
        {
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var release = new ManualResetEventSlim();
            var held = database.WriteAsync(
                _ =>
                {
                    begun.SetResult();
                    return release.Wait(TestTimeouts.Default);
                },
                CancellationToken.None);
            await begun.Task.DefaultTimeout();
            var waiting = database.WriteAsync(static _ => 0, CancellationToken.None);
            Look(host);
            release.Set();
            await held.DefaultTimeout();
            await waiting.DefaultTimeout();
            Look(host);
        }

        folder.Delete(recursive: true);
    }

    // More reasons than there are series.
    private void Overflow(GatewayHost host)
    {
        for (var i = 0; i < MetricFamily.MaxSeries; i++)
        {
            host.Service<SwitchboardMeter>().SessionClosed($"{i}");
        }

        Look(host);
    }

    private static async Task PostAsync(HttpClient client)
    {
        using var body = new StringContent("""{"kind":"create","message":"hi"}""", null, "application/json");
        using var response = await client.PostAsync("/echo", body).DefaultTimeout();
    }

    private bool Moved(string name) => _moved.Contains(name.Replace('.', '_'));

    // Notes what is above zero. Always true, so that it can stand in a condition.
    private bool Look(GatewayHost host)
    {
        foreach (var line in host.Service<PrometheusExporter>().Render().Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            var space = line.LastIndexOf(' ');
            if (double.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture) > 0)
            {
                Note(line[..line.AsSpan().IndexOfAny('{', ' ')]);
            }
        }

        return true;
    }

    private void Note(string series)
    {
        foreach (var end in new[] { "", "_total", "_bytes", "_count", "_seconds_count" })
        {
            if (series.EndsWith(end, StringComparison.Ordinal))
            {
                _moved.Add(series[..^end.Length]);
            }
        }
    }
}
