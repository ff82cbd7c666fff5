using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

/// <summary>WaiterLists against plain lists, over random comings and goings.</summary>
public sealed class WaiterListsModelTests
{
    private const int PerKey = 3;
    private const int Capacity = 5;
    private const int Keys = 3;

    [Fact]
    public void Does_what_capped_lists_do() => EventSequences.Check(events =>
    {
        var lists = new WaiterLists<int, object>(PerKey, Capacity);
        var byKey = Enumerable.Range(0, Keys).Select(_ => new List<(object Waiter, WaiterLists<int, object>.Entry Entry)>()).ToList();
        List<WaiterLists<int, object>.Entry> left = [];
        foreach (var next in events)
        {
            var list = byKey[next.Draw(Keys) is var key ? key : 0];
            switch (next.Draw(3))
            {
                case 0 or 1:
                    var waiter = new object();
                    var expected = byKey.Sum(l => l.Count) == Capacity ? AddWaiterOutcome.Full
                        : list.Count == PerKey ? AddWaiterOutcome.KeyFull
                        : AddWaiterOutcome.Added;
                    Assert.Equal(expected, lists.Add(key, waiter, out var entry));
                    Assert.Equal(expected == AddWaiterOutcome.Added, entry is not null);
                    if (entry is not null)
                    {
                        list.Add((waiter, entry));
                    }

                    break;
                case 2 when list.Count > 0:
                    var at = next.Draw(list.Count);
                    Assert.True(lists.Remove(list[at].Entry));
                    left.Add(list[at].Entry);
                    list.RemoveAt(at);
                    break;
            }
            Assert.All(left, gone => Assert.False(lists.Remove(gone)));
            Assert.Equal(byKey.Sum(l => l.Count), lists.Count);
            for (var k = 0; k < Keys; k++)
            {
                Assert.Equal(byKey[k].Select(w => w.Waiter), lists.WaitersFor(k));
            }

            Assert.Equal(byKey.SelectMany(l => l).Select(w => w.Waiter).ToHashSet(), lists.All().ToHashSet());
        }
    });

    [Fact]
    public void Bounds_are_at_least_one()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new WaiterLists<int, object>(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WaiterLists<int, object>(1, 0));
    }
}
