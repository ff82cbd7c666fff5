using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans.Simulation;

/// <summary>
/// Idleness by virtual time. The real collector counts it by the wall's clock, so this can be tried on the stand-in only.
/// </summary>
public sealed class IdleCollectionTests
{
    private readonly string _key = Diary.NewKey();

    private Diary Notes => Diary.Of(_key);

    [Fact]
    public async Task A_grain_without_calls_is_collected_after_15_minutes()
    {
        var time = new ManualTimeProvider();
        await using var silo = await GrainCluster.StartAsync(silo => GrainCluster.UseManualTime(silo, time));
        var grains = silo.Client;
        await grains.GetGrain<IWorker>(_key).Note("there").DefaultTimeout();
        await TurnAsync(time, 14);
        Assert.Equal(1, await grains.GetGrain<IWorker>(_key).ActivationNumber().DefaultTimeout());
        await TurnAsync(time, 14);
        Assert.Equal(1, await grains.GetGrain<IWorker>(_key).ActivationNumber().DefaultTimeout());
        await TurnAsync(time, 18);
        await Notes.WhenAsync("deactivated 1 ActivationIdle");
        Assert.Equal(2, await grains.GetGrain<IWorker>(_key).ActivationNumber().DefaultTimeout());
    }

    private static async Task TurnAsync(ManualTimeProvider time, int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
    }
}
