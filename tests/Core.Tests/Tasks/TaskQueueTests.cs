using Switchboard.Core.Tasks;

namespace Switchboard.Core.Tests.Tasks;

public sealed class TaskQueueTests
{
    private static readonly TimeSpan _now = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan _later = TimeSpan.FromSeconds(105);
    private readonly TaskQueue<string> _queue = new(capacity: 3);

    /// <summary>T2: one at a time, in the order of the positions.</summary>
    [Fact]
    public void Applies_one_at_a_time_in_the_order_of_the_positions()
    {
        Assert.Equal([1L, 2L, 3L], [Submit(30).Position, Submit(10).Position, Submit(20).Position]);

        var applied = new List<ulong>();
        while (_queue.TryBegin(_now).Task is { } task)
        {
            Assert.Null(_queue.TryBegin(_now).Task);
            Assert.Equal(task.Id, _queue.Applying);
            Assert.False(_queue.Complete(task.Id + 1));
            Assert.True(_queue.Complete(task.Id));
            Assert.False(_queue.Complete(task.Id));
            applied.Add(task.Id);
        }
        Assert.Equal([30UL, 10UL, 20UL], applied);
        Assert.Equal((3L, 4L), (_queue.Applied, _queue.NextPosition));
    }

    /// <summary>A1, A11: a full queue says so, gives no position and keeps what it had.</summary>
    [Fact]
    public void Full_is_an_outcome_and_changes_nothing()
    {
        for (ulong id = 1; id <= 3; id++)
        {
            Submit(id);
        }

        Assert.Equal(new SubmitOutcome(SubmitResult.Full, 0), Submit(4));

        Assert.Equal((3, 4L), (_queue.Count, _queue.NextPosition));
        Assert.Equal(WithdrawResult.Unknown, _queue.Withdraw(4));
        Assert.Equal(1UL, _queue.TryBegin(_now).Task?.Id);
        Assert.Equal(SubmitResult.Accepted, Submit(4).Result);
    }

    /// <summary>A11: behind an applier that is stuck, 100,000 submissions and withdrawals leave no more than the capacity.</summary>
    [Fact]
    public void Withdrawn_tasks_take_no_room()
    {
        Submit(1);
        _queue.TryBegin(_now);
        for (ulong id = 2; id < 100_000; id++)
        {
            Assert.Equal(SubmitResult.Accepted, Submit(id).Result);
            Assert.Equal(WithdrawResult.Withdrawn, _queue.Withdraw(id));
        }
        Assert.Equal(0, _queue.Count);
        Assert.Empty(_queue.Stop());
    }

    /// <summary>A2: one deadline, from arrival: the time in the queue counts, and a task that comes too late gets no place.</summary>
    [Fact]
    public void The_time_in_the_queue_counts()
    {
        Assert.Equal(SubmitResult.ExpiredAlready, _queue.Submit(1, "late", expiresAt: _now, _now).Result);
        Submit(2);

        var outcome = _queue.TryBegin(_later);
        Assert.Null(outcome.Task);
        Assert.Equal([2UL], outcome.Expired.Select(task => task.Id));
        Assert.Equal(0, _queue.Count);
    }

    /// <summary>A3, T4: timed out before its turn: it is never applied. After it began: its outcome is unknown.</summary>
    [Fact]
    public void A_withdrawn_task_is_not_applied_and_a_begun_one_says_so()
    {
        Submit(1);
        Submit(2);
        Submit(3);
        _queue.TryBegin(_now);

        Assert.Equal(WithdrawResult.Withdrawn, _queue.Withdraw(2));
        Assert.Equal(WithdrawResult.Begun, _queue.Withdraw(1));
        Assert.Equal(1UL, _queue.Applying);
        _queue.Complete(1);
        Assert.Equal(WithdrawResult.Unknown, _queue.Withdraw(1));
        Assert.Equal(3UL, _queue.TryBegin(_now).Task?.Id);
    }

    /// <summary>A3: expired ones are skipped, named to the caller, and the next is begun in the same step.</summary>
    [Fact]
    public void Expired_tasks_are_skipped_and_named()
    {
        _queue.Submit(1, "a", _now + TimeSpan.FromSeconds(1), _now);
        _queue.Submit(2, "b", _now + TimeSpan.FromSeconds(9), _now);
        _queue.Submit(3, "c", _now + TimeSpan.FromSeconds(1), _now);

        var outcome = _queue.TryBegin(_now + TimeSpan.FromSeconds(2));
        Assert.Equal((2UL, "b"), (outcome.Task!.Id, outcome.Task.Payload));
        Assert.Equal([1UL], outcome.Expired.Select(task => task.Id));
    }

    /// <summary>A5, A6: stop gives back all that waited at once, and whoever comes after is told at once.</summary>
    [Fact]
    public void Stop_gives_back_what_waited_and_takes_nothing_more()
    {
        Submit(1);
        Submit(2);
        Submit(3);
        _queue.TryBegin(_now);

        Assert.Equal([2UL, 3UL], _queue.Stop().Select(task => task.Id));
        Assert.True(_queue.IsStopped);
        Assert.Equal(new SubmitOutcome(SubmitResult.Stopped, 0), Submit(4));
        Assert.Null(_queue.TryBegin(_now).Task);
        Assert.Equal(0, _queue.Count);
    }

    /// <summary>A7, A8: stop waits for nothing, may be called again, and the one that is being applied completes after it.</summary>
    [Fact]
    public void Stop_is_idempotent_and_does_not_wait_for_a_slow_apply()
    {
        Submit(1);
        Submit(2);
        _queue.TryBegin(_now);

        Assert.Single(_queue.Stop());
        Assert.Empty(_queue.Stop());
        Assert.Equal(1UL, _queue.Applying);
        Assert.True(_queue.Complete(1));
        Assert.Empty(_queue.Stop());
    }

    /// <summary>N6: an id that waits or is being applied is refused, and free again once it has left.</summary>
    [Fact]
    public void A_duplicate_is_refused_while_the_first_is_here()
    {
        Submit(1);
        Assert.Equal(SubmitResult.Duplicate, Submit(1).Result);
        _queue.TryBegin(_now);
        Assert.Equal(SubmitResult.Duplicate, Submit(1).Result);
        _queue.Complete(1);
        Assert.Equal(2, Submit(1).Position);
    }

    /// <summary>A4, A9: a pump completes in a <c>finally</c>, whatever the applier did; only then the next is begun.</summary>
    [Fact]
    public void Nothing_is_begun_until_the_last_is_completed()
    {
        Submit(1);
        Submit(2);
        var applied = new List<ulong>();
        while (_queue.TryBegin(_now).Task is { } task)
        {
            try
            {
                if (task.Id == 1)
                {
                    throw new InvalidOperationException("poison");
                }

                applied.Add(task.Id);
            }
            catch (InvalidOperationException)
            {
                Assert.Empty(applied);
            }
            finally
            {
                Assert.True(_queue.Complete(task.Id));
            }
        }
        Assert.Equal([2UL], applied);
        Assert.Equal(2, _queue.Applied);
    }

    [Fact]
    public void Needs_room_for_one() => Assert.Throws<ArgumentOutOfRangeException>(() => new TaskQueue<int>(0));

    private SubmitOutcome Submit(ulong id) => _queue.Submit(id, "payload", _later, _now);
}
