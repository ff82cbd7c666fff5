using Switchboard.Abstractions.Tasks;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Tasks;

/// <summary>A9: what goes wrong with one task, or with the pump itself, goes wrong for that one.</summary>
public sealed class PoisonTests
{
    /// <summary>A9: an applier that throws, at once or later, fails that task only.</summary>
    [Fact]
    public async Task An_applier_that_throws_fails_one_task()
    {
        await using var queue = await QueueFixture.StartAsync();
        var verdicts = new Dictionary<ulong, Verdict>();
        for (var i = 0; i < 30; i++)
        {
            var kind = (i % 3) switch { 0 => "plain", 1 => "throws", _ => "throws-later" };
            verdicts[await queue.SubmitAsync(kind)] = kind == "plain" ? Verdict.Answered : Verdict.ApplierFailed;
        }

        Assert.Equal(verdicts.OrderBy(v => v.Key), (await queue.OutcomesAsync(30)).OrderBy(v => v.Key));
        Assert.Equal(20, queue.Cluster.Log.Count(EventIds.TaskFailed));
    }

    /// <summary>A9: where the pump itself dies (here: the log throws), what waits gets an outcome, and the queue lives on.</summary>
    [Fact]
    public async Task A_dead_pump_leaves_no_dead_queue()
    {
        await using var queue = await QueueFixture.StartAsync();
        queue.Cluster.ErrorsExpected = true;
        var first = await queue.SubmitAsync("gated");
        await queue.BegunAsync(first);
        var poison = await queue.SubmitAsync("throws");
        var waiting = new List<ulong>();
        for (var i = 0; i < 10; i++)
        {
            waiting.Add(await queue.SubmitAsync("plain"));
        }

        queue.Cluster.LogBreaksAt = EventIds.TaskFailed;
        queue.Applier.Gate.SetResult();
        var outcomes = await queue.OutcomesAsync(12);
        Assert.Equal((Verdict.Answered, Verdict.TaskOutcomeUnknown), (outcomes[first], outcomes[poison]));
        Assert.All(waiting, id => Assert.Equal(Verdict.Draining, outcomes[id]));
        Assert.Equal(1, queue.Cluster.Log.Count(EventIds.TaskPumpDied));
        await Eventually.TrueAsync(
            async () => (await queue.Queue.Submit(queue.Task("plain")).DefaultTimeout()).Result == TaskSubmitResult.Queued,
            "a queue that lives");
        Assert.Equal(Verdict.Answered, (await queue.OutcomesAsync(13)).Last().Value);
    }

    /// <summary>A front door that throws, or never replies, loses its own outcomes; others get theirs.</summary>
    [Fact]
    public async Task A_lost_front_door_holds_up_nobody()
    {
        await using var queue = await QueueFixture.StartAsync();
        var (hangs, fails) = (await queue.Cluster.DoorAsync(), await queue.Cluster.DoorAsync());
        var never = new TaskCompletionSource();
        hangs.Gate = never.Task;
        fails.OnOutcomes = _ => throw new InvalidOperationException("no");
        for (var i = 0; i < 10; i++)
        {
            await queue.SubmitAsync("plain", seconds: 60, hangs);
            await queue.SubmitAsync("plain", seconds: 60, fails);
            await queue.SubmitAsync("plain", seconds: 60);
        }

        await queue.OutcomesAsync(10);
        Assert.Single(hangs.Outcomes);
        await Eventually.TrueAsync(() => Undelivered() > 0, "the failing lane to be dropped");
        var before = Undelivered();
        queue.Time.Advance(TimeSpan.FromSeconds(3));
        await Eventually.TrueAsync(() => Undelivered() > before, "the hanging lane to be dropped");
        hangs.Gate = Task.CompletedTask;
        never.SetResult();
        await queue.SubmitAsync("plain", seconds: 60, hangs);
        await queue.OutcomesAsync(2, hangs);

        int Undelivered() => queue.Cluster.Log.Count(EventIds.TaskOutcomesUndelivered);
    }

    /// <summary>What comes while a call to an observer is under way goes together with the next one.</summary>
    [Fact]
    public async Task Outcomes_are_batched()
    {
        await using var queue = await QueueFixture.StartAsync();
        var calls = 0;
        queue.Door.OnOutcomes = _ => Interlocked.Increment(ref calls);
        var gate = new TaskCompletionSource();
        queue.Door.Gate = gate.Task;
        for (var i = 0; i < 100; i++)
        {
            await queue.SubmitAsync("plain", seconds: 60);
        }

        await Eventually.TrueAsync(async () => (await queue.Queue.GetState().DefaultTimeout()).Applied == 100, "all to be applied");
        Assert.Equal(1, Volatile.Read(ref calls));
        gate.SetResult();
        await queue.OutcomesAsync(100);
        Assert.Equal(2, Volatile.Read(ref calls));
    }
}
