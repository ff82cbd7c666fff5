using System.Text;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Tasks;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Tasks;

public sealed class TaskQueueGrainTests
{
    /// <summary>T2: however many submit at once, tasks are applied one at a time and in the order of their positions.</summary>
    [Fact]
    public async Task Tasks_are_applied_in_the_order_of_their_positions()
    {
        await using var queue = await QueueFixture.StartAsync();
        var positions = new System.Collections.Concurrent.ConcurrentDictionary<long, ulong>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async submitter =>
        {
            for (var i = 0; i < 100; i++)
            {
                var task = queue.Task(i % 3 == 0 ? "yields" : "plain", seconds: 60);
                var submitted = await queue.Queue.Submit(task).DefaultTimeout();
                Assert.True(positions.TryAdd(submitted.Position, task.TaskId));
            }
        }));
        var outcomes = await queue.OutcomesAsync(800);
        Assert.All(outcomes.Values, v => Assert.Equal(Verdict.Answered, v));
        Assert.Equal(Enumerable.Range(1, 800).Select(p => positions[p]), queue.Applier.Applied);
        var state = await queue.Queue.GetState().DefaultTimeout();
        Assert.Equal((0, 800L, false), (state.Waiting, state.Applied, state.Busy));
    }

    /// <summary>
    /// A1, A11: a full queue says so at once, keeps nothing of the task and applies nothing of it; so does one full of bytes.
    /// </summary>
    [Fact]
    public async Task A_full_queue_refuses()
    {
        await using var queue = await QueueFixture.StartAsync(capacity: 2, bytes: 1024);
        await queue.BegunAsync(await queue.SubmitAsync("gated"));
        await queue.SubmitAsync("plain");
        Assert.Equal(TaskSubmitResult.Full, (await queue.Queue.Submit(queue.Task("plain", bytes: 1020)).DefaultTimeout()).Result);
        await queue.SubmitAsync("plain");
        var refused = queue.Task("plain");
        Assert.Equal(new TaskSubmitted { Result = TaskSubmitResult.Full }, await queue.Queue.Submit(refused).DefaultTimeout());
        var state = await queue.Queue.GetState().DefaultTimeout();
        Assert.Equal((2, 2, true), (state.Waiting, state.Capacity, state.Busy));
        queue.Applier.Gate.SetResult();
        await queue.OutcomesAsync(3);
        Assert.DoesNotContain(refused.TaskId, queue.Applier.Applied);
        Assert.Equal(TaskSubmitResult.Queued, (await queue.Queue.Submit(queue.Task("plain", bytes: 1020)).DefaultTimeout()).Result);
        await queue.OutcomesAsync(4);
    }

    /// <summary>A3, A2, T4: a task whose time is up before its turn ends so and never applied.</summary>
    [Fact]
    public async Task An_expired_task_is_not_applied()
    {
        await using var queue = await QueueFixture.StartAsync();
        var first = await queue.SubmitAsync("gated");
        await queue.BegunAsync(first);
        var expires = await queue.SubmitAsync("plain", seconds: 1);
        var lasts = await queue.SubmitAsync("plain", seconds: 2.5);
        var late = await queue.SubmitAsync("plain", seconds: 0);
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        queue.Applier.Gate.SetResult();
        var outcomes = await queue.OutcomesAsync(4);
        Assert.Equal((Verdict.Answered, Verdict.ExpiredUnsent), (outcomes[first], outcomes[expires]));
        Assert.Equal((Verdict.Answered, Verdict.ExpiredUnsent), (outcomes[lasts], outcomes[late]));
        Assert.Equal([first, lasts], queue.Applier.Applied);
    }

    /// <summary>A3, H6, T4: a task that is taken back before its turn is not applied; one that has begun cannot be.</summary>
    [Fact]
    public async Task A_withdrawn_task_is_not_applied()
    {
        await using var queue = await QueueFixture.StartAsync();
        var begun = await queue.SubmitAsync("gated");
        await queue.BegunAsync(begun);
        var withdrawn = await queue.SubmitAsync("plain");
        var last = await queue.SubmitAsync("plain");
        Assert.Equal(TaskWithdrawResult.Begun, await queue.Queue.Withdraw(begun).DefaultTimeout());
        Assert.Equal(TaskWithdrawResult.Withdrawn, await queue.Queue.Withdraw(withdrawn).DefaultTimeout());
        Assert.Equal(TaskWithdrawResult.Unknown, await queue.Queue.Withdraw(withdrawn).DefaultTimeout());
        queue.Applier.Gate.SetResult();
        await queue.OutcomesAsync(2);
        Assert.Equal([begun, last], queue.Applier.Applied);
        Assert.Equal(TaskWithdrawResult.Unknown, await queue.Queue.Withdraw(last).DefaultTimeout());
    }

    /// <summary>N1, N4, A12: ten thousand tasks that time out, and as many that are taken back, leave nothing behind.</summary>
    [Fact]
    public async Task Timeouts_leave_nothing()
    {
        await using var queue = await QueueFixture.StartAsync(bytes: 100_000);
        await queue.BegunAsync(await queue.SubmitAsync("gated", seconds: 600));
        foreach (var chunk in Enumerable.Range(0, 10_000).Chunk(500))
        {
            await Task.WhenAll(chunk.Select(_ => queue.SubmitAsync("plain", seconds: 1)));
        }

        Assert.Equal(10_000, (await queue.Queue.GetState().DefaultTimeout()).Waiting);
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        queue.Applier.Gate.SetResult();
        await queue.OutcomesAsync(10_001);
        Assert.Equal((0, false), await StateAsync());
        queue.Applier.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await queue.BegunAsync(await queue.SubmitAsync("gated", seconds: 600));
        foreach (var chunk in Enumerable.Range(0, 10_000).Chunk(500))
        {
            await Task.WhenAll(chunk.Select(async _ =>
            {
                var task = await queue.SubmitAsync("plain", seconds: 1);
                Assert.Equal(TaskWithdrawResult.Withdrawn, await queue.Queue.Withdraw(task).DefaultTimeout());
            }));
        }

        queue.Applier.Gate.SetResult();
        await queue.OutcomesAsync(10_002);
        Assert.Equal((0, false), await StateAsync());

        // The bytes too: this one has room only where nothing is counted any more.
        Assert.Equal(TaskSubmitResult.Queued, (await queue.Queue.Submit(queue.Task("plain", bytes: 90_000)).DefaultTimeout()).Result);
        await queue.OutcomesAsync(10_003);

        async Task<(int, bool)> StateAsync()
        {
            var state = await queue.Queue.GetState().DefaultTimeout();
            return (state.Waiting, state.Busy);
        }
    }

    /// <summary>
    /// A14: a thousand who wait behind a slow applier block no thread; another queue goes on meanwhile, and all get their responses.
    /// </summary>
    [Fact]
    public async Task Waiting_blocks_no_thread()
    {
        await using var queue = await QueueFixture.StartAsync();
        await queue.BegunAsync(await queue.SubmitAsync("gated", seconds: 60));
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => queue.SubmitAsync("plain", seconds: 60)));
        var echo = queue.Cluster.Grains.GetGrain<ITaskQueueGrain>("default/echo");
        var other = await queue.Cluster.DoorAsync();
        for (var i = 0; i < 100; i++)
        {
            await echo.Submit(queue.Task("create", seconds: 60, other)).DefaultTimeout();
        }

        await queue.OutcomesAsync(100, other);
        Assert.InRange(ThreadPool.ThreadCount, 1, 500);
        Assert.Empty(queue.Door.Outcomes);
        queue.Applier.Gate.SetResult();
        Assert.All((await queue.OutcomesAsync(1001)).Values, v => Assert.Equal(Verdict.Answered, v));
    }

    /// <summary>A4, N6: an id that is in the queue is refused at once; the task that has it is not touched.</summary>
    [Fact]
    public async Task A_duplicate_id_is_refused()
    {
        await using var queue = await QueueFixture.StartAsync();
        await queue.BegunAsync(await queue.SubmitAsync("gated"));
        var task = queue.Task("plain");
        Assert.Equal(TaskSubmitResult.Queued, (await queue.Queue.Submit(task).DefaultTimeout()).Result);
        Assert.Equal(TaskSubmitResult.DuplicateId, (await queue.Queue.Submit(task).DefaultTimeout()).Result);
        queue.Applier.Gate.SetResult();
        await queue.OutcomesAsync(2);
    }

    /// <summary>A queue without an applier fails the call at once and leaves no activation.</summary>
    [Fact]
    public async Task A_queue_without_an_applier_is_refused()
    {
        await using var queue = await QueueFixture.StartAsync();
        var unknown = queue.Cluster.Grains.GetGrain<ITaskQueueGrain>("default/unknown");
        await Assert.ThrowsAsync<InvalidOperationException>(() => unknown.Submit(queue.Task("plain"))).DefaultTimeout();
        await Eventually.TrueAsync(
            async () => await queue.Cluster.ActivationsAsync(Names.GrainTypes.TaskQueue) == 0, "the activation to go");
    }

    /// <summary>
    /// A10: the echo queue gives the payload back as it is: quoting it is done at the front door. Other kinds fail.
    /// </summary>
    [Fact]
    public async Task Echo_gives_back_its_payload()
    {
        await using var queue = await QueueFixture.StartAsync();
        var echo = queue.Cluster.Grains.GetGrain<ITaskQueueGrain>("default/echo");
        foreach (var kind in new[] { "create", "delete", "purge" })
        {
            await echo.Submit(queue.Task(kind) with { Payload = Encoding.UTF8.GetBytes(kind) }).DefaultTimeout();
        }

        await queue.OutcomesAsync(3);
        Assert.Equal(
            [(Verdict.Answered, "create"), (Verdict.Answered, "delete"), (Verdict.ApplierFailed, "")],
            queue.Door.Outcomes.Select(o => (o.Verdict, Encoding.UTF8.GetString(o.Result.Span))));
    }
}
