using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>One turn at a time, and what may interleave.</summary>
public sealed class TurnTests(GrainCluster cluster) : IClassFixture<GrainCluster>
{
    private readonly string _key = Diary.NewKey();

    private IWorker Worker => cluster.Grains.GetGrain<IWorker>(_key);

    private Diary Notes => Diary.Of(_key);

    [Fact]
    public async Task A_call_is_answered()
    {
        Assert.Equal(5, await Worker.Add(2, 3).DefaultTimeout());
        Assert.Equal(5, await cluster.Cluster.Client.GetGrain<IWorker>(_key).Add(2, 3).DefaultTimeout());
    }

    [Fact]
    public async Task Turns_do_not_overlap_where_they_await()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(Worker.YieldALot))).DefaultTimeout();
        Assert.Equal(1, Notes.MostInside);
    }

    [Fact]
    public async Task Calls_of_one_caller_come_in_the_order_in_which_they_were_made()
    {
        var worker = Worker;
        // In a cluster there is no order among calls that are made before it is known where the grain is.
        await worker.Peek().DefaultTimeout();
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => worker.Note($"{i}").AsTask())).DefaultTimeout();
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), Notes.Entries.Skip(1));
    }

    [Fact]
    public async Task A_turn_that_waits_keeps_the_others_waiting_and_they_run_in_their_order()
    {
        var held = Worker.Hold("a");
        await Notes.WhenAsync("holding a");
        var (first, second) = (Worker.Note("first").AsTask(), Worker.Note("second").AsTask());
        Assert.DoesNotContain("first", await Worker.Peek().DefaultTimeout(), StringComparison.Ordinal);

        Notes.Open("a");
        await Task.WhenAll(held, first, second).DefaultTimeout();
        Assert.Equal(["activated 1", "holding a", "held a", "first", "second"], Notes.Entries);
    }

    [Fact]
    public async Task AlwaysInterleave_runs_while_a_turn_waits()
    {
        var held = Worker.Hold("a");
        await Notes.WhenAsync("holding a");
        Assert.EndsWith("holding a", await Worker.Peek().DefaultTimeout(), StringComparison.Ordinal);
        Assert.False(held.IsCompleted);
        Notes.Open("a");
        await held.DefaultTimeout();
    }

    [Fact]
    public async Task ReadOnly_runs_beside_ReadOnly_and_not_beside_others()
    {
        var reading = Worker.HoldReading("r");
        await Notes.WhenAsync("holding r");
        var writing = Worker.Note("written").AsTask();
        await Worker.Read().DefaultTimeout();
        Assert.False(writing.IsCompleted);
        Notes.Open("r");
        await Task.WhenAll(reading, writing).DefaultTimeout();

        var held = Worker.Hold("w");
        await Notes.WhenAsync("holding w");
        var read = Worker.Read();
        await Worker.Peek().DefaultTimeout();
        Assert.False(read.IsCompleted);
        Notes.Open("w");
        await Task.WhenAll(held, read).DefaultTimeout();
    }

    [Fact]
    public async Task Reentrant_grains_interleave_everything()
    {
        var worker = cluster.Grains.GetGrain<IReentrantWorker>(_key);
        var held = Task.WhenAll(worker.Hold("a"), worker.Hold("b"));
        await Notes.WhenAsync("holding a");
        await Notes.WhenAsync("holding b");
        Assert.Equal(2, await worker.Count().DefaultTimeout());
        Notes.Open("b");
        Notes.Open("a");
        await held.DefaultTimeout();
        Assert.Equal(0, await worker.Count().DefaultTimeout());
    }

    [Fact]
    public async Task What_a_grain_awaits_resumes_in_its_turns()
        => Assert.Equal("True True True True True", await Worker.WhereDoesItResume().DefaultTimeout());

    [Fact]
    public async Task A_call_to_itself_waits_for_itself_until_it_times_out()
        => await Assert.ThrowsAsync<TimeoutException>(() => Worker.CallSelf().DefaultTimeout());

    [Fact]
    public async Task A_grain_that_calls_another_waits_for_it_in_its_turn()
    {
        var other = Diary.NewKey();
        var calling = Worker.CallOther(other, "gate");
        await Diary.Of(other).WhenAsync("holding gate");
        var note = Worker.Note("later").AsTask();
        Assert.False(note.IsCompleted);
        Diary.Of(other).Open("gate");
        Assert.Equal("2", await calling.DefaultTimeout());
        await note.DefaultTimeout();
    }

    [Fact]
    public async Task References_are_equal_by_identity_and_can_be_sent()
    {
        var self = await Worker.Self().DefaultTimeout();
        Assert.Equal(Worker, self);
        Assert.Equal(Worker.GetHashCode(), self.GetHashCode());
        Assert.Equal(_key, self.GetPrimaryKeyString());
        Assert.Equal($"compat-worker/{_key}", self.GetGrainId().ToString());
        Assert.Equal(3, await self.Add(1, 2).DefaultTimeout());
    }
}
