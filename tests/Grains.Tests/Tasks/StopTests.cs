using Switchboard.Abstractions.Tasks;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Tasks;

/// <summary>T5: a queue that stops ends every task that it accepted with an outcome.</summary>
public sealed class StopTests
{
    /// <summary>
    /// A5, A6, A7: what waits ends `draining`, what has begun is finished, stopping twice is stopping once, and nobody waits.
    /// </summary>
    [Fact]
    public async Task Every_accepted_task_gets_an_outcome()
    {
        await using var queue = await QueueFixture.StartAsync();
        var begun = await queue.SubmitAsync("gated", seconds: 60);
        await queue.BegunAsync(begun);
        var waiting = new List<ulong>();
        for (var i = 0; i < 100; i++)
        {
            waiting.Add(await queue.SubmitAsync("plain", seconds: 60));
        }

        await GrainCluster.LoseAsync(queue.Queue);
        var again = GrainCluster.LoseAsync(queue.Queue);
        var drained = await queue.OutcomesAsync(100);
        Assert.All(waiting, id => Assert.Equal(Verdict.Draining, drained[id]));
        queue.Applier.Gate.SetResult();
        Assert.Equal(Verdict.Answered, (await queue.OutcomesAsync(101))[begun]);
        await again.DefaultTimeout();
        var next = await queue.SubmitAsync("plain");
        Assert.Equal(Verdict.Answered, (await queue.OutcomesAsync(102))[next]);
    }

    /// <summary>
    /// A8: an applier that does not end is not waited for beyond the bound: its task's outcome is unknown, and said so once.
    /// </summary>
    [Fact]
    public async Task A_slow_applier_does_not_hold_up_the_stop()
    {
        await using var queue = await QueueFixture.StartAsync();
        var slow = await queue.SubmitAsync("gated", seconds: 60);
        await queue.BegunAsync(slow);
        await GrainCluster.LoseAsync(queue.Queue);
        var waiting = queue.Queue.GetState();
        await Eventually.AdvanceUntilAsync(queue.Time, waiting, TimeSpan.FromSeconds(1));
        Assert.Equal(Verdict.TaskOutcomeUnknown, (await queue.OutcomesAsync(1))[slow]);
        queue.Applier.Gate.SetResult();
        Assert.False((await waiting.DefaultTimeout()).Busy);
        var next = await queue.SubmitAsync("plain", seconds: 60);
        Assert.Equal(Verdict.Answered, (await queue.OutcomesAsync(2))[next]);
    }

    /// <summary>T5: an applier hears of the stop by its token.</summary>
    [Fact]
    public async Task An_applier_is_told_of_the_stop()
    {
        await using var queue = await QueueFixture.StartAsync();
        var task = await queue.SubmitAsync("until-stopped", seconds: 60);
        await queue.BegunAsync(task);
        await GrainCluster.LoseAsync(queue.Queue);
        Assert.Equal(Verdict.ApplierFailed, (await queue.OutcomesAsync(1))[task]);
    }

    /// <summary>A5: load and a stop of the whole queue in the middle of it: accepted and ended are the same tasks.</summary>
    [Fact]
    public async Task Stopping_under_load_loses_nothing()
    {
        await using var queue = await QueueFixture.StartAsync();
        var accepted = new System.Collections.Concurrent.ConcurrentBag<ulong>();
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var i = 0; i < 200; i++)
            {
                var task = queue.Task("yields", seconds: 60);
                if ((await queue.Queue.Submit(task).DefaultTimeout()).Result == TaskSubmitResult.Queued)
                {
                    accepted.Add(task.TaskId);
                }
            }
        }));
        await Eventually.UntilAsync(load, () => GrainCluster.LoseAsync(queue.Queue));
        var outcomes = await queue.OutcomesAsync(accepted.Count);
        Assert.Equal(accepted.Order(), outcomes.Keys.Order());
        Assert.All(outcomes.Values, v => Assert.True(v is Verdict.Answered or Verdict.Draining));
    }
}
