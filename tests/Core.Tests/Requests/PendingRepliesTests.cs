using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

public sealed class PendingRepliesTests
{
    /// <summary>N1, N4: waiters that time out or are cancelled take their own entries out; a late trigger then finds nobody.</summary>
    [Fact]
    public void After_10_000_waiters_that_gave_up_nothing_is_left()
    {
        var pending = new PendingReplies<object>(10_000);
        var waiters = Enumerable.Range(0, 10_000).Select(i => (Id: (ulong)i, Waiter: new object())).ToList();
        foreach ((var id, var waiter) in waiters)
        {
            Assert.Equal(RegisterOutcome.Registered, pending.Register(id, waiter));
        }

        Assert.Equal(10_000, pending.Count);
        foreach ((var id, var waiter) in waiters)
        {
            Assert.True(pending.GiveUp(id, waiter));
        }

        Assert.Equal(0, pending.Count);
        Assert.Empty(pending.Snapshot());
        Assert.All(waiters, waiter => Assert.False(pending.TryTrigger(waiter.Id, out _)));
    }

    /// <summary>N2, T3: 64 clients, a million operations: contention fails nothing, each reply is seen exactly once.</summary>
    [Fact]
    public async Task Contention_fails_nothing_and_each_trigger_is_seen_once()
    {
        const int Clients = 64;
        const int Each = 1_000_000 / Clients / 2;
        var pending = new PendingReplies<Slot>(Clients);
        var seen = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                // All ids of one residue, so that all clients want the same shard.
                var id = 64UL * (ulong)(client * Each + i);
                var slot = new Slot();
                Assert.Equal(RegisterOutcome.Registered, pending.Register(id, slot));
                Assert.True(pending.TryTrigger(id, out var taken));
                Assert.Same(slot, taken);
                Interlocked.Increment(ref seen);
            }
        }))).DefaultTimeout();

        Assert.Equal(Clients * Each, seen);
        Assert.Equal(0, pending.Count);
    }

    /// <summary>T3: of a trigger by many threads and a waiter that gives up, exactly one gets the entry.</summary>
    [Fact]
    public async Task Of_racing_triggers_and_a_give_up_exactly_one_wins()
    {
        const int Racers = 4;
        var pending = new PendingReplies<object>(1);
        using var gate = new Barrier(Racers);
        var won = 0;
        object waiter = new();
        await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => Task.Factory.StartNew(() =>
        {
            for (ulong round = 0; round < 500; round++)
            {
                if (racer == 0)
                {
                    Assert.Equal(RegisterOutcome.Registered, pending.Register(round, waiter));
                }

                gate.SignalAndWait();
                var mine = racer == 1 ? pending.GiveUp(round, waiter) : pending.TryTrigger(round, out _);
                Interlocked.Add(ref won, mine ? 1 : 0);
                gate.SignalAndWait();
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).DefaultTimeout();

        Assert.Equal(500, won);
        Assert.Equal(0, pending.Count);
    }

    /// <summary>N3: the entry is out before anybody is told, so that a waiter who has gone leaves nothing behind.</summary>
    [Fact]
    public void A_trigger_removes_first_whatever_becomes_of_the_waiter()
    {
        var pending = new PendingReplies<TaskCompletionSource>(4);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pending.Register(1, cancelled);
        cancelled.SetCanceled();

        Assert.True(pending.TryTrigger(1, out var waiter));
        Assert.False(waiter.TrySetResult());
        Assert.Equal(0, pending.Count);
    }

    /// <summary>N6: a generator that repeats itself: the second is told so, and draws again; the first keeps its reply.</summary>
    [Fact]
    public void A_duplicate_id_is_an_outcome_and_changes_nothing()
    {
        var pending = new PendingReplies<string>(4);
        var ids = new Queue<ulong>([7, 7, 8]);
        Assert.Equal(RegisterOutcome.Registered, pending.Register(ids.Dequeue(), "first"));
        Assert.Equal(RegisterOutcome.DuplicateId, pending.Register(ids.Dequeue(), "second"));
        Assert.Equal(RegisterOutcome.Registered, pending.Register(ids.Dequeue(), "second"));

        Assert.True(pending.TryTrigger(7, out var first));
        Assert.True(pending.TryTrigger(8, out var second));
        Assert.Equal(("first", "second"), (first, second));
    }

    /// <summary>N7: a late or unknown reply is a plain false, which the shell counts; a second trigger too.</summary>
    [Fact]
    public void A_late_reply_is_no_error()
    {
        var pending = new PendingReplies<string>(4);
        pending.Register(1, "waiter");
        bool[] seen = [pending.TryTrigger(1, out _), pending.TryTrigger(1, out _), pending.TryTrigger(2, out _)];

        Assert.Equal([true, false, false], seen);
        Assert.False(pending.TryPeek(1, out _));
    }

    /// <summary>N8: the waiter is handed out under no lock, and its continuation runs elsewhere: one that blocks stalls nobody.</summary>
    [Fact]
    public async Task A_continuation_that_blocks_does_not_stall_the_next_trigger()
    {
        var pending = new PendingReplies<TaskCompletionSource>(4);
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        pending.Register(0, blocked);
        pending.Register(64, next);
        Task blocking = blocked.Task.ContinueWith(
            _ => release.Wait(TestTimeouts.Default), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);

        await Task.Run(() =>
        {
            foreach (var id in (ulong[])[0, 64])
            {
                Assert.True(pending.TryTrigger(id, out var waiter));
                waiter.SetResult();
            }
        }).DefaultTimeout();
        await next.Task.DefaultTimeout();
        Assert.False(blocking.IsCompleted);
        release.Set();
        await blocking.DefaultTimeout();
    }

    /// <summary>W7: a second registration of an id that is in flight never takes the first one's replies.</summary>
    [Fact]
    public void An_id_that_is_in_flight_is_not_overwritten()
    {
        var pending = new PendingReplies<string>(4);
        pending.Register(1, "client a");

        Assert.Equal(RegisterOutcome.DuplicateId, pending.Register(1, "client b"));
        Assert.True(pending.TryPeek(1, out var waiter) && waiter == "client a");
        Assert.False(pending.GiveUp(1, "client b"));
        Assert.Equal(1, pending.Count);
    }

    /// <summary>The id was triggered and given to another by the time that the first one's <c>finally</c> runs.</summary>
    [Fact]
    public void A_late_give_up_does_not_remove_another_waiter_of_the_same_id()
    {
        var pending = new PendingReplies<object>(4);
        object first = new();
        object second = new();
        pending.Register(1, first);
        pending.TryTrigger(1, out _);
        pending.Register(1, second);

        Assert.False(pending.GiveUp(1, first));
        Assert.True(pending.TryTrigger(1, out var waiter));
        Assert.Same(second, waiter);
    }

    /// <summary>The bound holds at every moment, also while many threads knock at a full table.</summary>
    [Fact]
    public async Task Never_holds_more_than_its_capacity()
    {
        const int Capacity = 10;
        var pending = new PendingReplies<object>(Capacity);
        var ids = new RequestIdGenerator(1, DateTimeOffset.UnixEpoch);
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            var mine = new Queue<ulong>();
            object waiter = new();
            for (var i = 0; i < 20_000; i++)
            {
                var id = ids.Next().Value;
                var outcome = pending.Register(id, waiter);
                InterlockedMax(ref most, pending.Count);
                if (outcome == RegisterOutcome.Registered)
                {
                    mine.Enqueue(id);
                }
                else if (mine.TryDequeue(out var oldest))
                {
                    Assert.True(pending.GiveUp(oldest, waiter));
                }
            }
            while (mine.TryDequeue(out var id))
            {
                Assert.True(pending.GiveUp(id, waiter));
            }
        }))).DefaultTimeout();

        Assert.Equal(Capacity, most);
        Assert.Equal(0, pending.Count);
    }

    /// <summary>Both look at the count, both see the last place free, both take it: one must be refused.</summary>
    [Fact]
    public async Task Of_two_that_want_the_last_place_one_gets_it()
    {
        var pending = new PendingReplies<object>(1);
        var holders = 0;
        var together = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(client => Task.Factory.StartNew(() =>
        {
            object waiter = new();
            // An id and so a shard of its own: no lock keeps them apart.
            var id = (ulong)client;
            for (var i = 0; i < 300_000; i++)
            {
                if (pending.Register(id, waiter) != RegisterOutcome.Registered)
                {
                    continue;
                }

                if (Interlocked.Increment(ref holders) > 1)
                {
                    Interlocked.Increment(ref together);
                }

                Interlocked.Decrement(ref holders);
                pending.GiveUp(id, waiter);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).DefaultTimeout();
        Assert.Equal((0, 0), (together, pending.Count));
    }

    /// <summary>With one place free, whoever comes alone gets it: a refused neighbour must not make it look taken.</summary>
    [Fact]
    public async Task Refuses_nobody_while_there_is_room()
    {
        var pending = new PendingReplies<object>(2);
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(client => Task.Run(() =>
        {
            for (ulong i = 0; i < 50_000; i++)
            {
                object waiter = new();
                var id = i * 2 + (ulong)client;
                if (pending.Register(id, waiter) != RegisterOutcome.Registered)
                {
                    Interlocked.Increment(ref refused);
                }

                pending.GiveUp(id, waiter);
            }
        }))).DefaultTimeout();
        Assert.Equal(0, refused);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        var seen = Volatile.Read(ref most);
        while (value > seen)
        {
            seen = Interlocked.CompareExchange(ref most, value, seen) is var was && was == seen ? value : was;
        }
    }

    private sealed class Slot;
}
