using Orleans.Configuration;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Simulation;

namespace Switchboard.Compat.Tests.Orleans.Simulation;

/// <summary>
/// One scheduler, one clock: a seed is a run. Each run checks, too, that no turn ran beside another of its grain, on a thread of the pool,
/// outside of the scheduler or by another clock (<see cref="GrainSimulation.Note"/>).
/// </summary>
public sealed class SimulationTests
{
    private static readonly string[] s_names = ["ada", "bo", "cy"];

    [Fact]
    public Task The_same_seed_gives_the_same_run() => GrainSimulation.OnItsOwnThreadAsync(() =>
    {
        for (var seed = 0; seed < 50; seed++)
        {
            Assert.Equal(Village(seed).Trace, Village(seed).Trace);
        }
    });

    [Fact]
    public Task A_thousand_seeds_give_a_thousand_runs() => GrainSimulation.OnItsOwnThreadAsync(() =>
    {
        var runs = Enumerable.Range(0, 1000).Select(seed => string.Join('\n', Village(seed).Trace)).ToHashSet();
        Assert.InRange(runs.Count, 990, 1000);
    });

    [Fact]
    public Task What_the_village_is_for_happens_in_it() => GrainSimulation.OnItsOwnThreadAsync(() =>
    {
        var all = string.Join('\n', Enumerable.Range(0, 10).SelectMany(seed => Village(seed).Trace));
        foreach (var what in new[]
        {
            "is up", "visits bo: ", "greets ada: ", "earns: 4", "ticks 3: 0", "chimes 03:0", "hears", "sleeps: 0", "got no answer",
            "is gone: ActivationIdle", "is gone: ShuttingDown",
        })
        {
            Assert.Contains(what, all, StringComparison.Ordinal);
        }
    });

    /// <summary>What the silo does by itself to many goes in an order that is the same in every process: a dictionary's is not.</summary>
    [Fact]
    public Task What_the_silo_does_to_many_is_in_order() => GrainSimulation.OnItsOwnThreadAsync(() =>
    {
        var names = Enumerable.Range(0, 30).Select(i => $"v{i * 7919 % 30:00}").ToList();
        var run = GrainSimulation.Run(
            seed: null,
            silo => silo.AddMemoryGrainStorageAsDefault().UseInMemoryReminderService(),
            async run =>
            {
                // One after another, so that it is known which is the oldest.
                foreach (var name in names) await run.Grains.GetGrain<IVillager>(name).Greet("nobody");
                await run.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
                foreach (var name in names) await run.Grains.GetGrain<IVillager>(name).Greet("nobody");
            });
        foreach (var reason in new[] { "ActivationIdle", "ShuttingDown" })
        {
            var gone = run.Trace.Where(entry => entry.EndsWith(reason, StringComparison.Ordinal)).Select(entry => entry.Split(' ')[1]);
            Assert.Equal(names, gone);
        }
    });

    [Fact]
    public Task Work_that_escapes_to_the_pool_is_noticed() => GrainSimulation.OnItsOwnThreadAsync(() =>
    {
        var outside = Assert.Throws<InvalidOperationException>(() => GrainSimulation.Run(1, _ => { }, run =>
        {
            using var noted = new ManualResetEventSlim();
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                run.Note("strange");
                noted.Set();
            }, null);
            noted.Wait(TestTimeouts.Default);
            return Task.CompletedTask;
        }));
        Assert.Contains("strange: on another thread", outside.Message, StringComparison.Ordinal);
        Assert.Contains("strange: outside of a turn", outside.Message, StringComparison.Ordinal);
    });

    private static GrainSimulation Village(int seed) => GrainSimulation.Run(
        seed,
        silo => silo.AddMemoryGrainStorageAsDefault().UseInMemoryReminderService()
            .Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromMinutes(2)),
        async run =>
        {
            var crier = new Crier(run);
            var reference = run.Grains.CreateObjectReference<ICrier>(crier);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(i => run.StartCaller(() => EarnAsync(run, i, reference))));
            GC.KeepAlive(crier);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(i => run.StartCaller(() => VisitAsync(run, i))));
            // Nobody calls any more, and the reminders end by themselves: all become idle.
            await Task.Delay(TimeSpan.FromMinutes(7), run.Time);
            Assert.Equal(5, await run.Grains.GetGrain<IVillager>("ada").Earn(null));
        });

    private static Task EarnAsync(GrainSimulation run, int caller, ICrier crier)
        => Task.WhenAll(run.Grains.GetGrain<IVillager>("ada").Earn(crier), run.Grains.GetGrain<IVillager>(s_names[caller % 3]).WindUp());

    private static async Task VisitAsync(GrainSimulation run, int caller)
    {
        var mine = run.Grains.GetGrain<IVillager>(s_names[caller % 3]);
        // A ring of visits can wait for itself; then the callers' patience ends it.
        await UnlessLateAsync(run, caller, mine.Visit(s_names[(caller + 1) % 3]));
        await UnlessLateAsync(run, caller, mine.Sleep(TimeSpan.FromSeconds(3 + caller)));
    }

    private static async Task UnlessLateAsync(GrainSimulation run, int caller, Task call)
    {
        try
        {
            await call;
        }
        catch (TimeoutException)
        {
            run.Note($"caller {caller} got no answer");
        }
    }

    private sealed class Crier(GrainSimulation run) : ICrier
    {
        public Task Earned(string who, int coins)
        {
            run.Note($"the crier hears of {who}: {coins}");
            return Task.CompletedTask;
        }
    }
}
