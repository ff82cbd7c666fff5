using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

/// <summary>WaitingRoom against plain lists, over random comings and goings.</summary>
public sealed class WaitingRoomModelTests
{
    private const int PerKey = 3;
    private const int Capacity = 5;
    private const int Keys = 3;

    [Fact]
    public void Does_what_capped_lists_do() => EventSequences.Check(events =>
    {
        var room = new WaitingRoom<int, object>(PerKey, Capacity);
        var lines = Enumerable.Range(0, Keys).Select(_ => new List<(object Waiter, WaitingRoom<int, object>.Place Place)>()).ToList();
        List<WaitingRoom<int, object>.Place> left = [];
        foreach (Event next in events)
        {
            var line = lines[next.Draw(Keys) is var key ? key : 0];
            switch (next.Draw(3))
            {
                case 0 or 1:
                    var waiter = new object();
                    EnterOutcome expected = lines.Sum(l => l.Count) == Capacity ? EnterOutcome.Full
                        : line.Count == PerKey ? EnterOutcome.KeyFull
                        : EnterOutcome.Entered;
                    Assert.Equal(expected, room.Enter(key, waiter, out var place));
                    Assert.Equal(expected == EnterOutcome.Entered, place is not null);
                    if (place is not null)
                        line.Add((waiter, place));
                    break;
                case 2 when line.Count > 0:
                    int at = next.Draw(line.Count);
                    Assert.True(room.Leave(line[at].Place));
                    left.Add(line[at].Place);
                    line.RemoveAt(at);
                    break;
            }
            Assert.All(left, gone => Assert.False(room.Leave(gone)));
            Assert.Equal(lines.Sum(l => l.Count), room.Count);
            for (int k = 0; k < Keys; k++)
                Assert.Equal(lines[k].Select(w => w.Waiter), room.WhoWaitsFor(k));
            Assert.Equal(lines.SelectMany(l => l).Select(w => w.Waiter).ToHashSet(), room.Everybody().ToHashSet());
        }
    });

    [Fact]
    public void A_room_has_places()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new WaitingRoom<int, object>(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WaitingRoom<int, object>(1, 0));
    }
}
