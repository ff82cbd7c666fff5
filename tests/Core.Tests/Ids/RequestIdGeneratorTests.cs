using Switchboard.Core.Ids;

namespace Switchboard.Core.Tests.Ids;

public sealed class RequestIdGeneratorTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    /// <summary>etcd's own vectors (server's pkg/idutil): number 0x12, 0x3456 ms, then one more each time.</summary>
    [Fact]
    public void Gives_etcds_ids()
    {
        var generator = new RequestIdGenerator(0x12, DateTimeOffset.FromUnixTimeMilliseconds(0x3456));

        Assert.Equal(0x0012000000345601UL, generator.Next().Value);
        for (ulong i = 2; i <= 1_000; i++)
        {
            Assert.Equal(0x0012000000345600UL + i, generator.Next().Value);
        }
    }

    /// <summary>I1: threads share one generator: no id twice, and increasing for each thread. A restart repeats none either.</summary>
    [Fact]
    public void Eight_threads_and_a_restart_never_meet_an_id_twice()
    {
        const int Threads = 8;
        const int Each = 1_000_000;
        var ids = new ulong[Threads * Each + Each];
        var first = new RequestIdGenerator(7, _start);
        using var gate = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            gate.SignalAndWait();
            for (var i = thread * Each; i < (thread + 1) * Each; i++) { ids[i] = first.Next().Value; } }))];
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            Assert.True(thread.Join(TimeSpan.FromSeconds(60)));
        }

        var restarted = new RequestIdGenerator(8, _start);
        for (var i = Threads * Each; i < ids.Length; i++)
        {
            ids[i] = restarted.Next().Value;
        }

        for (var i = 1; i < ids.Length; i++)
        {
            Assert.True(i % Each == 0 || ids[i] > ids[i - 1], "a thread saw its ids go back");
        }

        Array.Sort(ids);
        for (var i = 1; i < ids.Length; i++)
        {
            Assert.True(ids[i] != ids[i - 1], "two ids are alike");
        }
    }

    /// <summary>I2: two nodes that start together differ by their numbers, whatever the clock says.</summary>
    [Fact]
    public void Two_nodes_that_start_together_give_disjoint_ids() =>
        Assert.Empty(Ids(new RequestIdGenerator(1, _start), 10_000).Intersect(Ids(new RequestIdGenerator(2, _start), 10_000)));

    /// <summary>I3: a number has 16 bits by its type (65,536 + 5 throws where it is converted); 0 is refused.</summary>
    [Fact]
    public void A_number_outside_of_16_bits_or_zero_is_refused()
    {
        Assert.Equal(typeof(ushort), typeof(RequestIdGenerator).GetConstructors().Single().GetParameters()[0].ParameterType);
        var tooLarge = 65_536 + 5;
        Assert.Throws<OverflowException>(() => new RequestIdGenerator(checked((ushort)tooLarge), _start));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequestIdGenerator(0, _start));
        Assert.Throws<ArgumentOutOfRangeException>(() => RequestId.Durable(1UL << 48));
    }

    /// <summary>I4: a restart 50 ms later repeats nothing, even with the number that it had before.</summary>
    [Fact]
    public void A_later_start_gives_other_ids() => Assert.Empty(
        Ids(new RequestIdGenerator(7, _start), 10_000)
            .Intersect(Ids(new RequestIdGenerator(7, _start.AddMilliseconds(50)), 10_000)));

    /// <summary>
    /// I5: a million ids in a second run ahead of the clock; a restart in the same second, or with the clock set back by an
    /// hour, repeats none of them because the start counter has given it another number.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-3_600)]
    public void A_restart_repeats_no_id_whatever_the_clock_says(int secondsLater)
    {
        HashSet<ulong> before = [.. Ids(new RequestIdGenerator(7, _start), 1_000_000)];
        var after = Ids(new RequestIdGenerator(8, _start.AddSeconds(secondsLater)), 1_000_000);

        Assert.DoesNotContain(after, before.Contains);
    }

    /// <summary>The counter runs over into the milliseconds, and those into nothing: the number, an even one, stays.</summary>
    [Fact]
    public void The_front_door_number_survives_an_overflow()
    {
        var generator = new RequestIdGenerator(6, DateTimeOffset.FromUnixTimeMilliseconds((1L << 40) - 1));
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(6, generator.Next().FrontDoor);
        }
    }

    private static IEnumerable<ulong> Ids(RequestIdGenerator generator, int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return generator.Next().Value;
        }
    }
}
