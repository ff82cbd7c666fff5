using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.Durable;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests;

/// <summary>Where the grains' time comes from.</summary>
public sealed class ClockTests
{
    /// <summary>A program registers no clock by the grains' key: they get the host's own, and connect numbers are past it.</summary>
    [Fact]
    public async Task Without_a_clock_of_their_own_grains_have_the_hosts()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage(Names.Storage.Provider);
            silo.UseInMemoryReminderService();
            silo.Services.AddMemoryRequestLog();
            silo.AddSwitchboardGrains();
        });
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        var clock = cluster.Silos[0].ServiceProvider.GetRequiredKeyedService<TimeProvider>(TimeProviderNames.Grains);
        Assert.Same(TimeProvider.System, clock);
        var before = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var door = new FakeFrontDoor(cluster.Client);
        Assert.True(await door.ConnectAsync(cluster.Client.GetGrain<IAgentGrain>("default/agent"), 1) > before);
    }
}
