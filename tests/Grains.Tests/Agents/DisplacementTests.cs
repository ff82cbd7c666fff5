using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Agents;

/// <summary>Two processes that use one id displace each other for ever: slowed.</summary>
public sealed class DisplacementTests : IAsyncLifetime
{
    private GrainCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync(settings: new Dictionary<string, string?>
    {
        ["Switchboard:Grains:DisplacementBurst"] = "5",
        ["Switchboard:Grains:DisplacementInterval"] = "00:00:02",
    });

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Too_many_are_told_to_wait_and_displace_nobody()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("twice");
        // The first displaces nobody, and five more are free.
        for (var session = 1UL; session <= 6; session++)
        {
            await door.ConnectAsync(agent, session);
        }

        for (var again = 0; again < 3; again++)
        {
            var seventh = await agent.Connect(door.Connecting("default/twice", 7)).DefaultTimeout();
            Assert.Equal((ConnectResult.Wait, TimeSpan.FromSeconds(2)), (seventh.Result, seventh.Wait));
            Assert.Empty(seventh.Displaced);
        }

        Assert.Equal(6UL, (await agent.RouteAsync())?.Session);
        Assert.Equal(1, _cluster.Log.Count(EventIds.AgentDisplacementsSlowed));
        _cluster.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([6UL], (await agent.Connect(door.Connecting("default/twice", 7)).DefaultTimeout()).Displaced);
        Assert.Equal(7UL, (await agent.RouteAsync())?.Session);
    }

    /// <summary>An agent that says goodbye before it comes back displaces nobody; one that reconnects after a quiet time is not delayed.</summary>
    [Fact]
    public async Task A_genuine_reconnect_never_waits()
    {
        var door = await _cluster.DoorAsync();
        var agent = _cluster.Agent("genuine");
        for (var session = 1UL; session <= 50; session++)
        {
            await door.ConnectAsync(agent, session);
            await agent.Disconnect(session).DefaultTimeout();
        }

        await door.ConnectAsync(agent, 100);
        for (var session = 101UL; session <= 120; session++)
        {
            _cluster.Time.Advance(TimeSpan.FromSeconds(10));
            var connected = await agent.Connect(door.Connecting("default/genuine", session)).DefaultTimeout();
            Assert.Equal((ConnectResult.Connected, 1), (connected.Result, connected.Displaced.Count));
        }

        Assert.Equal(0, _cluster.Log.Count(EventIds.AgentDisplacementsSlowed));
    }
}
