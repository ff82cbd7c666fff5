using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans.Simulation;

/// <summary>The seam that the stand-in has for simulations: one scheduler, one clock.</summary>
public sealed class SimulationTests
{
    [Fact]
    public async Task The_same_seed_gives_the_same_run_and_others_give_others()
    {
        var runs = new List<string>();
        for (var seed = 0; seed < 20; seed++)
        {
            runs.Add(await RunAsync(seed));
            Assert.Equal(runs[^1], await RunAsync(seed));
        }

        Assert.InRange(runs.Distinct().Count(), 10, 20);
    }

    /// <summary>
    /// Grains that call each other, yield, and have a timer, until nothing is left to do; gives what happened in its order.
    /// </summary>
    private static async Task<string> RunAsync(int seed)
    {
        var (scheduler, time) = (new SeededScheduler(seed), new ManualTimeProvider());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<ITurnScheduler>(scheduler);
        builder.UseOrleans(silo => silo.Services.TryAddSingleton<Trace>());
        using var host = builder.Build();
        await host.StartAsync().DefaultTimeout();

        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var calls = Enumerable.Range(0, 4).Select(i => grains.GetGrain<IWalker>($"w{i}").Walk(i, 3)).ToArray();
        scheduler.RunAll();
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            scheduler.RunAll();
        }

        Assert.All(calls, call => Assert.True(call.IsCompletedSuccessfully));
        var stopping = host.StopAsync();
        scheduler.RunAll();
        await stopping.DefaultTimeout();
        return string.Join(' ', host.Services.GetRequiredService<Trace>().Steps);
    }
}

/// <summary>What happened. Without a lock: there is one thread.</summary>
public sealed class Trace
{
    public List<string> Steps { get; } = [];
}

[Alias("compat.walker")]
public interface IWalker : IGrainWithStringKey
{
    [Alias("Walk")]
    Task Walk(int who, int steps);

    [Alias("Touch")]
    Task<int> Touch(int who);
}

[GrainType("compat-walker")]
public sealed class WalkerGrain(Trace trace) : Grain, IWalker
{
    public async Task Walk(int who, int steps)
    {
        this.RegisterGrainTimer(
            () =>
            {
                trace.Steps.Add($"tick:{this.GetPrimaryKeyString()}");
                return Task.CompletedTask;
            },
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(1));
        for (var i = 0; i < steps; i++)
        {
            await GrainFactory.GetGrain<IWalker>($"stone{i}").Touch(who);
            await Task.Yield();
        }
    }

    public async Task<int> Touch(int who)
    {
        trace.Steps.Add($"{who}>{this.GetPrimaryKeyString()}");
        await Task.Yield();
        trace.Steps.Add($"{who}<{this.GetPrimaryKeyString()}");
        return who;
    }
}
