using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Sessions;

/// <summary>Two front doors of which one has all agents, as after a roll: some are asked to connect anew, and no request is lost.</summary>
public sealed class RebalanceTests
{
    private const int Agents = 30;

    // Above the mean by ten at the most, in the end by half of that.
    private const int AtMost = 20;

    // All are here, and nobody is at the other.
    private static readonly ClusterSessions _allHere = new(Agents, 2, TimeSpan.FromMinutes(1));

    /// <summary>
    /// Each agent has a request that it has not begun to answer, while callers at both front doors go on asking all of them. Those that are
    /// asked connect elsewhere; what their old sessions had is answered on these, which end then.
    /// </summary>
    [Fact]
    public async Task Sessions_even_out_and_no_request_is_lost()
    {
        var pair = NewPair();
        await pair.InitializeAsync();
        try
        {
            var agents = await ConnectAsync(pair);
            var held = agents.ConvertAll(a => TestCall.Start(pair.First, a.Id, Mover.Hold));
            await Task.WhenAll(agents.Select(static a => a.HasHeld.DefaultTimeout()));
            using var stop = new CancellationTokenSource();
            var load = new[] { pair.First, pair.Holder }.Select(door => AskAllAsync(door, agents, stop.Token)).ToList();

            await Eventually.IsTrueAsync(() => agents.Count(static a => a.HasMoved) >= Agents - AtMost, () => Tell(pair, agents), TimeSpan.FromMinutes(1));
            // None that has a request ends, whatever its agent has by now.
            Assert.All(agents, static a => Assert.False(a.First.Ended.IsCompleted));
            agents.ForEach(static a => a.LetGo());
            Assert.All(await Task.WhenAll(held.Select(static c => c.EndAsync())), static end => Assert.Equal((StatusCode.OK, Mover.Hold), (end.Status, end.Text)));

            await Eventually.IsTrueAsync(() => agents.All(static a => a.First.Ended.IsCompleted == a.HasMoved), () => Tell(pair, agents));
            await stop.CancelAsync();
            Assert.All(await Task.WhenAll(load), static ends => Assert.Empty(ends));
            Assert.InRange(pair.Holder.Sessions.Count, Agents / 2, AtMost);
            Assert.Equal(Agents, pair.First.Sessions.Count + pair.Holder.Sessions.Count);
            var ended = await Task.WhenAll(agents.Where(static a => a.HasMoved).Select(static a => a.First.Ended));
            Assert.All(ended, static status => Assert.Equal(StatusCode.OK, status.StatusCode));
            await LeaveAsync(agents);
            await pair.AssertQuietAsync();
        }
        finally
        {
            await pair.DisposeAsync();
        }
    }

    /// <summary>
    /// A balancer may send every agent back to where it was: each is asked once, however often the lease is renewed. None is asked where
    /// that is turned off, or while front doors come and go.
    /// </summary>
    [Fact]
    public async Task Agents_that_come_back_are_left_alone()
    {
        await using var host = await GatewayHost.StartAsync(
            settings: [("Switchboard:FrontDoor:RebalanceRate", "1"), ("Switchboard:Shutdown:ReconnectSpread", "0s")]);
        List<Mover> agents = [];
        for (var i = 0; i < Agents; i++)
        {
            agents.Add(new Mover($"back-{i}", await TestAgent.ConnectAsync(host, $"back-{i}"), host));
        }

        await Eventually.IsTrueAsync(() => host.Sessions.All.All(static s => s.ConnectNumber != 0), () => "not connected");
        var turnedOff = NewBalancer(host, static o => o.Rebalance = false);
        var balancer = NewBalancer(host, static _ => { });
        turnedOff.OnRenewed(_allHere);
        balancer.OnRenewed(_allHere with { Unchanged = TimeSpan.FromSeconds(29) });
        Assert.DoesNotContain(host.Sessions.All, static s => s.Retiring);
        for (var asked = 0; asked < Agents; asked = agents.Count(static a => a.HasMoved))
        {
            balancer.OnRenewed(_allHere);
            await Eventually.IsTrueAsync(() => agents.Count(static a => a.HasMoved) > asked, () => $"{asked} were asked, and no more");
            // Those that were left end with a renewal, and the next are chosen when all have.
            await Eventually.IsTrueAsync(() => IsSettled(host, balancer), () => $"{host.Sessions.Count} sessions");
        }

        for (var i = 0; i < 3; i++)
        {
            balancer.OnRenewed(_allHere);
        }

        Assert.DoesNotContain(host.Sessions.All, static s => s.Retiring);
        Assert.All(agents, static a => Assert.Equal(1, a.GoAways));
        await LeaveAsync(agents);
    }

    /// <summary>Alone there is nothing to even out: no session is looked at, and nothing is allocated, however many there are.</summary>
    [Fact]
    public async Task A_front_door_alone_does_nothing()
    {
        await using var host = await GatewayHost.StartAsync();
        await using var agent = await TestAgent.ConnectAsync(host, "alone");
        await Eventually.IsTrueAsync(() => host.Sessions.All.All(static s => s.ConnectNumber != 0), () => "not connected");
        var balancer = NewBalancer(host, static _ => { });
        var alone = new ClusterSessions(Agents, 1, TimeSpan.FromMinutes(1));
        balancer.OnRenewed(alone);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            balancer.OnRenewed(alone);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.DoesNotContain(host.Sessions.All, static s => s.Retiring);
    }

    // One of this test's own, beside the one that the host calls.
    private static SessionBalancer NewBalancer(GatewayHost host, Action<FrontDoorOptions> change)
    {
        var options = new FrontDoorOptions { RebalanceRate = 1 };
        change(options);
        return ActivatorUtilities.CreateInstance<SessionBalancer>(host.Services, Options.Create(options));
    }

    // Asks nobody by it: a front door alone.
    private static bool IsSettled(GatewayHost host, SessionBalancer balancer)
    {
        balancer.OnRenewed(new(Agents, 1, TimeSpan.Zero));
        return host.Sessions.Count == Agents && !host.Sessions.All.Any(static s => s.Retiring);
    }

    private static GatewayPair NewPair() => new()
    {
        Settings = [("Switchboard:FrontDoor:RebalanceRate", "1"), ("Switchboard:Shutdown:ReconnectSpread", "0s")],
        Configure = static services => services.Configure<FrontDoorOptions>(static o => o.RebalanceAfter = TimeSpan.Zero),
    };

    private static async Task<List<Mover>> ConnectAsync(GatewayPair pair)
    {
        List<Mover> agents = [];
        for (var i = 0; i < Agents; i++)
        {
            agents.Add(new Mover($"moves-{i}", await pair.ConnectAgentAsync($"moves-{i}"), pair.First));
        }

        return agents;
    }

    private static async Task LeaveAsync(List<Mover> agents)
    {
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }

    // One after the other, until told to stop; what was not answered.
    private static async Task<List<string>> AskAllAsync(GatewayHost door, List<Mover> agents, CancellationToken stop)
    {
        List<string> failed = [];
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var end = await TestCall.RunAsync(door, agents[i % agents.Count].Id, $"{i}");
            if (end.Text != $"{i}")
            {
                failed.Add($"{i} of {agents[i % agents.Count].Id}: {end.Reason} {end.Sent} {end.Detail}");
            }
        }

        return failed;
    }

    private static string Tell(GatewayPair pair, List<Mover> agents) =>
        $"{pair.First.Sessions.Count} and {pair.Holder.Sessions.Count} sessions, {agents.Count(static a => a.HasMoved)} agents moved";

    /// <summary>An agent that opens another session when it is asked to, and answers on both.</summary>
    private sealed class Mover : IAsyncDisposable
    {
        public const string Hold = "hold";

        private readonly GatewayHost _next;
        private readonly TaskCompletionSource _hasHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile TestAgent? _second;
        private int _goAways;

        public Mover(string id, TestAgent first, GatewayHost next)
        {
            (Id, First, _next) = (id, first, next);
            Serve(first);
        }

        public string Id { get; }

        public TestAgent First { get; }

        public Task HasHeld => _hasHeld.Task;

        public bool HasMoved => _second is not null;

        public int GoAways => Volatile.Read(ref _goAways);

        public void LetGo() => _letGo.TrySetResult();

        public async ValueTask DisposeAsync()
        {
            await First.DisposeAsync();
            if (_second is { } second)
            {
                await second.DisposeAsync();
            }
        }

        private void Serve(TestAgent agent)
        {
            _ = FollowAsync(agent);
            _ = agent.ServeAsync(async request =>
            {
                if (request.Body.ToStringUtf8() == Hold)
                {
                    _hasHeld.TrySetResult();
                    await _letGo.Task;
                }

                await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFrom(request.Body.Span) });
            });
        }

        private async Task FollowAsync(TestAgent agent)
        {
            await foreach (var control in agent.ControlsAsync())
            {
                if (control.GoAway is { Reason: "draining" })
                {
                    Interlocked.Increment(ref _goAways);
                    var second = await TestAgent.ConnectAsync(_next, Id);
                    Serve(second);
                    _second = second;
                }
            }
        }
    }
}
