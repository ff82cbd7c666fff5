using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>What is logged of agents that come and go.</summary>
public sealed class SessionLogTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeLogCollector _log = new();

    [Fact]
    public async Task Few_agents_have_a_line_each_when_they_come_and_when_they_go()
    {
        await using var host = await StartAsync();
        var agents = await ConnectAsync(host, 50);
        await WhenLinesAsync("are connected", l => Written(l, "is connected") == 50, host);
        await LeaveAsync(agents);
        await WhenLinesAsync("are over", l => Written(l, "is over: agent-gone") == 50, host);
        Assert.Equal(0, Written(Information(), "within a second"));
    }

    /// <summary>A crowd of any size costs its first lines and a count; so does its end. What comes after it has its line again.</summary>
    [Fact]
    public async Task A_crowd_is_counted()
    {
        await using var host = await StartAsync();
        var agents = await ConnectAsync(host, 500);
        await WhenLinesAsync("are counted", l => Written(l, "490 more agents have connected") == 1, host);
        await LeaveAsync(agents);
        await WhenLinesAsync("are counted out", l => Written(l, "490 more sessions have ended") == 1, host);
        Assert.Equal(22, Information().Count);

        await host.AdvanceAsync(_time, TimeSpan.FromSeconds(2));
        await LeaveAsync(await ConnectAsync(host, 1));
        Assert.Equal(24, Information().Count);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(150)]
    public async Task Level_Debug_names_each_once(int count)
    {
        await using var host = await StartAsync(("Logging:LogLevel:Switchboard", "Debug"));
        var agents = await ConnectAsync(host, count);
        await host.AdvanceAsync(_time, TimeSpan.FromSeconds(1));
        await LeaveAsync(agents);
        Assert.Equal(count, Written(_log.GetSnapshot(), "is connected"));
    }

    /// <summary>An agent that is refused is told; the log says nothing of it above Debug.</summary>
    [Fact]
    public async Task A_refused_connect_has_no_line()
    {
        await using var host = await StartAsync(
            ("Switchboard:Agents:Policies:0:Pattern", "*"), ("Switchboard:Agents:Policies:0:Policy", "pool"), ("Switchboard:Grains:SessionsPerPool", "1"));
        var agents = await ConnectAsync(host, 1);
        using var stream = new StuckStream { StuckAfter = int.MaxValue };
        var refused = await host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber("agent-0"), stream, stream.Gone).DefaultTimeout();
        Assert.Equal(Verdict.Overloaded, refused.Refused);
        Assert.Equal(1, Written(Information(), "agent-0"));
        await LeaveAsync(agents);
    }

    private Task<GatewayHost> StartAsync(params (string Key, string Value)[] settings) =>
        GatewayHost.StartAsync(_time, services => services.AddSingleton<ILoggerProvider>(new LogOf(_log)), settings);

    /// <summary>Real sessions, whose streams end nowhere. They all connect at one moment of the engine's clock.</summary>
    private static async Task<List<(StuckStream Stream, Task Running)>> ConnectAsync(GatewayHost host, int count)
    {
        List<(StuckStream Stream, Task Running)> agents = [];
        for (var i = 0; i < count; i++)
        {
            var stream = new StuckStream { StuckAfter = int.MaxValue };
            agents.Add((stream, host.Service<SubscriptionHandler>().RunAsync(StuckStream.Subscriber($"agent-{i}"), stream, stream.Gone)));
        }

        foreach (var (stream, _) in agents)
        {
            await stream.CountAsync(1);
        }

        return agents;
    }

    private static async Task LeaveAsync(List<(StuckStream Stream, Task Running)> agents)
    {
        foreach (var (stream, running) in agents)
        {
            await stream.LeaveAsync(running);
            stream.Dispose();
        }
    }

    // The second is over, and the pulse has looked.
    private async Task WhenLinesAsync(string what, Func<IEnumerable<FakeLogRecord>, bool> there, GatewayHost host)
    {
        await host.AdvanceAsync(_time, TimeSpan.FromSeconds(1));
        await Eventually.IsTrueAsync(() => there(Information()), () => $"not all {what}:\n{string.Join("\n", Information().Select(l => l.Message))}");
    }

    private List<FakeLogRecord> Information() =>
        [.. _log.GetSnapshot().Where(l => l.Level >= LogLevel.Information && l.Category == typeof(SessionLog).FullName)];

    private static int Written(IEnumerable<FakeLogRecord> lines, string text) =>
        lines.Count(l => l.Message.Contains(text, StringComparison.Ordinal));

    // The host's own collector takes errors alone, by a filter for the provider's type.
    private sealed class LogOf(FakeLogCollector log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new FakeLogger(log, categoryName);

        public void Dispose()
        {
        }
    }
}
