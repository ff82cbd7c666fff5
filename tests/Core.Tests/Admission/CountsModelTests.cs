using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

/// <summary>Counts and bytes against plain numbers, over random comings and goings.</summary>
public sealed class CountsModelTests
{
    [Fact]
    public void Counts_are_what_a_dictionary_counts() => EventSequences.Check(events =>
    {
        const int PerKey = 3;
        var counts = new KeyedCounts<int>(PerKey);
        var model = new int[20];
        foreach (var next in events)
        {
            var key = next.Draw(model.Length);
            if (next.Draw(2) == 0)
            {
                Assert.Equal(model[key] < PerKey, counts.TryEnter(key));
                model[key] = Math.Min(PerKey, model[key] + 1);
            }
            else if (model[key] > 0)
            {
                counts.Exit(key);
                model[key]--;
            }
            Assert.Equal(model.Count(n => n > 0), counts.Count);
        }
    });

    [Fact]
    public void Bytes_are_what_two_numbers_say() => EventSequences.Check(events =>
    {
        const int Capacity = 128;
        var budget = new ByteBudget(Capacity);
        List<int> acquired = [];
        var charged = 0;
        foreach (var next in events)
        {
            var bytes = next.Draw(60);
            switch (next.Draw(4))
            {
                case 0 or 1:
                    // Of what has not come whole a 64th less.
                    var isPart = next.Draw(2) == 0;
                    var fits = acquired.Sum() + charged + bytes <= Capacity - (isPart ? 2 : 0);
                    Assert.Equal(fits, isPart ? budget.TryAcquirePart(bytes) : budget.TryAcquire(bytes));
                    if (fits)
                    {
                        acquired.Add(bytes);
                    }

                    break;
                case 2 when acquired.Count > 0:
                    budget.Release(acquired[0]);
                    acquired.RemoveAt(0);
                    break;
                default:
                    var change = next.Draw(2) == 0 ? bytes : -charged;
                    budget.Charge(change);
                    charged += change;
                    break;
            }
            Assert.Equal((acquired.Sum(), charged), (budget.Acquired, budget.Charged));
        }
    });

    [Fact]
    public void Nobody_leaves_who_did_not_enter()
    {
        var counts = new KeyedCounts<string>(1);
        Assert.Throws<InvalidOperationException>(() => counts.Exit("a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedCounts<string>(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ByteBudget(0));
    }

    [Fact]
    public void Threads_together_take_no_more_than_there_is()
    {
        var budget = new ByteBudget(1000);
        var counts = new KeyedCounts<int>(1000);
        int taken = 0, entered = 0;
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (budget.TryAcquire(1))
                {
                    Interlocked.Increment(ref taken);
                }

                if (counts.TryEnter(7))
                {
                    Interlocked.Increment(ref entered);
                }
            }
        });
        Assert.Equal((1000, 1000), (taken, entered));
    }
}
