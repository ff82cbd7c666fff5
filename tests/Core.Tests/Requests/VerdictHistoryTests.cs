using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

public sealed class VerdictHistoryTests
{
    [Fact]
    public void Forgets_the_oldest_and_never_holds_more() => EventSequences.Check(events =>
    {
        const int Capacity = 5;
        var history = new VerdictHistory<int>(Capacity);
        var model = new List<(ulong Id, int Item)>();
        foreach (var next in events)
        {
            var id = (ulong)next.Draw(12);
            var item = next.Draw(1_000);
            history.Add(id, item);
            var at = model.FindIndex(known => known.Id == id);
            if (at >= 0)
            {
                model[at] = (id, item);
            }
            else
            {
                model.Add((id, item));
            }

            model = model[^Math.Min(Capacity, model.Count)..];

            Assert.Equal(model.Count, history.Count);
            for (ulong asked = 0; asked < 12; asked++)
            {
                var expected = model.FindIndex(known => known.Id == asked);
                Assert.Equal(expected >= 0, history.TryGet(asked, out var found));
                Assert.Equal(expected >= 0 ? model[expected].Item : 0, found);
            }
        }
    }, sequences: 300);

    [Fact]
    public async Task Threads_may_add_and_ask_at_once()
    {
        var history = new VerdictHistory<ulong>(100);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (ulong i = 0; i < 20_000; i++)
            {
                var id = i * 4 + (ulong)thread;
                history.Add(id, id);
                if (history.TryGet(id, out var found))
                {
                    Assert.Equal(id, found);
                }
            }
        }))).DefaultTimeout();
        Assert.Equal(100, history.Count);
    }

    [Fact]
    public void Needs_room_for_one() => Assert.Throws<ArgumentOutOfRangeException>(() => new VerdictHistory<int>(0));
}
