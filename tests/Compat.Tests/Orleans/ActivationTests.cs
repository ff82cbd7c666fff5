using Orleans.Configuration;
using Orleans.Core.Internal;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>How activations come and go.</summary>
public sealed class ActivationTests(GrainCluster cluster) : IClassFixture<GrainCluster>
{
    private readonly string _key = Diary.NewKey();

    private IWorker Worker => cluster.Grains.GetGrain<IWorker>(_key);

    private Diary Notes => Diary.Of(_key);

    [Fact]
    public async Task A_burst_of_first_calls_activates_once()
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            await start.Task;
            return await Worker.ActivationNumber();
        })).ToArray();
        start.SetResult();
        Assert.All(await Task.WhenAll(calls).DefaultTimeout(), number => Assert.Equal(1, number));
        Assert.Equal(1, Notes.Activations);
    }

    [Fact]
    public async Task A_failing_activation_fails_its_calls_and_the_next_call_tries_again()
    {
        Notes.ActivationsToFail = 1;
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => Worker.Add(1, 1).DefaultTimeout());
        Assert.Equal("activation 1 fails", thrown.Message);
        Assert.Equal(2, await Worker.ActivationNumber().DefaultTimeout());
        Assert.DoesNotContain(Notes.Entries, entry => entry.StartsWith("deactivated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_DeactivateOnIdle_the_next_call_activates_anew()
    {
        await Worker.GoAway().DefaultTimeout();
        Assert.Equal(2, await Worker.ActivationNumber().DefaultTimeout());
        Assert.Equal(["activated 1", "deactivated 1 ApplicationRequested", "activated 2"], Notes.Entries);
    }

    [Fact]
    public async Task It_deactivates_between_turns_and_what_waits_goes_to_the_next_activation()
    {
        var held = Worker.Hold("a");
        await Notes.WhenAsync("holding a");
        var (away, waiting) = (Worker.GoAway(), Worker.ActivationNumber());
        Notes.Open("a");
        await Task.WhenAll(held, away).DefaultTimeout();
        Assert.Equal(2, await waiting.DefaultTimeout());
        Assert.Equal(["activated 1", "holding a", "held a", "deactivated 1 ApplicationRequested", "activated 2"], Notes.Entries);
    }

    [Fact]
    public async Task The_turn_that_asks_for_the_end_goes_on_to_its_own_end_first()
    {
        var asking = Worker.GoAwayAfter("a");
        await Notes.WhenAsync("holding a");
        Notes.Open("a");
        await asking.DefaultTimeout();
        Assert.Equal(2, await Worker.ActivationNumber().DefaultTimeout());
        Assert.Equal(["activated 1", "holding a", "held a", "deactivated 1 ApplicationRequested", "activated 2"], Notes.Entries);
    }

    [Fact]
    public async Task Somebody_else_can_end_an_activation()
    {
        await Worker.Note("there").DefaultTimeout();
        await Worker.AsReference<IGrainManagementExtension>().DeactivateOnIdle().DefaultTimeout();
        await Notes.WhenAsync("deactivated 1 ApplicationRequested");
        Assert.Equal(2, await Worker.ActivationNumber().DefaultTimeout());
    }

    [Fact]
    public async Task A_storm_of_deactivations_and_calls_loses_no_call()
    {
        for (var round = 0; round < 50; round++)
        {
            var calls = Enumerable.Range(0, 41).Select(i => i == 20 ? AwayAsync() : Worker.Add(i, 1));
            await Task.WhenAll(calls.ToArray()).DefaultTimeout();
        }

        Assert.InRange(Notes.Activations, 2, 51);

        async Task<int> AwayAsync()
        {
            await Worker.GoAway();
            return 0;
        }
    }

    [Fact]
    public async Task The_management_grain_counts_and_collects()
    {
        await Worker.Note("there").DefaultTimeout();
        var management = cluster.Grains.GetGrain<IManagementGrain>(0);
        Assert.Equal(1, await management.GetGrainActivationCount((GrainReference)Worker).DefaultTimeout());
        Assert.Contains(Worker.GetGrainId(), await management.GetActiveGrains(GrainType.Create("compat-worker")).DefaultTimeout());

        await management.ForceActivationCollection(TimeSpan.Zero).DefaultTimeout();
        Assert.Contains("deactivated 1 ActivationIdle", Notes.Entries);
        Assert.Equal(0, await management.GetGrainActivationCount((GrainReference)Worker).DefaultTimeout());
    }

    [Fact]
    public async Task A_grain_without_calls_is_collected_when_it_is_old_enough()
    {
        await using var silo = await GrainCluster.StartAsync(silo => silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromSeconds(1);
            options.CollectionAge = TimeSpan.FromSeconds(2);
        }));
        await silo.Client.GetGrain<IWorker>(_key).Note("there").DefaultTimeout();
        await Notes.WhenAsync("deactivated 1 ActivationIdle");
        Assert.Equal(2, await silo.Client.GetGrain<IWorker>(_key).ActivationNumber().DefaultTimeout());
    }

    [Fact]
    public async Task A_silo_that_stops_deactivates_its_grains_first()
    {
        var silo = await GrainCluster.StartAsync();
        await silo.Client.GetGrain<IWorker>(_key).Note("there").DefaultTimeout();
        await silo.StopAllSilosAsync().DefaultTimeout();
        Assert.Contains("deactivated 1 ShuttingDown", Notes.Entries);
        await silo.DisposeAsync();
    }
}
