using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.Durable;

namespace Switchboard.Grains.Tests;

/// <summary>A silo whose wall clock is set while it runs; its monotonic clock goes on.</summary>
public sealed class WallClockTests
{
    [Theory]
    [InlineData(-20)]
    [InlineData(120)]
    public async Task Grains_are_made_whatever_is_done_to_it(int minutes)
    {
        var wall = new WallClock();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(wall);
            silo.AddMemoryGrainStorage(Names.Storage.Provider);
            silo.UseInMemoryReminderService();
            silo.Services.AddMemoryRequestLog();
            silo.AddSwitchboardGrains();
        });
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        Assert.False(await OnlineAsync("before"));

        wall.Set(TimeSpan.FromMinutes(minutes));
        Assert.False(await OnlineAsync("while it is wrong"));
        wall.Set(TimeSpan.Zero);
        Assert.False(await OnlineAsync("after"));

        async Task<bool> OnlineAsync(string when) =>
            (await cluster.Client.GetGrain<IAgentGrain>($"default/{when.Replace(' ', '-')}").GetStatus().DefaultTimeout()).Online;
    }

    /// <summary>What a grain asks for is what the collector sees, however far the wall clock is off.</summary>
    [Theory]
    [InlineData(0, 15)]
    [InlineData(-20, 35)]
    [InlineData(10, 5)]
    [InlineData(120, 0)]
    public void A_stay_is_told_in_the_collectors_time(int off, int told)
    {
        var time = new ManualTimeProvider();
        var steady = new SteadyClock(time);
        var start = time.GetUtcNow();
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(start + TimeSpan.FromMinutes(3), steady.GetUtcNow());

        var stay = steady.StayFor(TimeSpan.FromMinutes(15), time.GetUtcNow() + TimeSpan.FromMinutes(off));

        Assert.True(stay > TimeSpan.Zero);
        Assert.Equal(told, (int)stay.TotalMinutes);
    }

    private sealed class WallClock : TimeProvider
    {
        private long _off;

        public void Set(TimeSpan off) => Interlocked.Exchange(ref _off, off.Ticks);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _off));
    }
}
