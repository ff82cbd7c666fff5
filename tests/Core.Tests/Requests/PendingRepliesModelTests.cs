using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

/// <summary>PendingReplies against a dictionary, over random registrations, triggers and waiters that give up.</summary>
public sealed class PendingRepliesModelTests
{
    [Fact]
    public void Does_what_a_capped_dictionary_does() => EventSequences.Check(events =>
    {
        var pair = new Pair();
        foreach (var next in events)
        {
            pair.Take(next);
        }

        pair.EverybodyGivesUp();
    });

    private sealed class Pair
    {
        private const int Capacity = 4;
        private readonly PendingReplies<object> _pending = new(Capacity);
        private readonly Dictionary<ulong, object> _model = [];
        private readonly List<object> _everybody = [new()];

        public void Take(Event next)
        {
            // Ids 0, 64 and 128 share a shard.
            var id = (ulong)next.Draw(4) + 64UL * (ulong)next.Draw(3);
            switch (next.Draw(4))
            {
                case 0 or 1:
                    Register(id);
                    break;
                case 2:
                    Assert.Equal(_model.Remove(id, out var triggered), _pending.TryTrigger(id, out var taken));
                    Assert.Same(triggered, taken);
                    break;
                default:
                    GiveUp(id, _everybody[next.Draw(_everybody.Count)]);
                    break;
            }
            Assert.Equal(_model.Count, _pending.Count);
            Assert.True(_pending.Count <= Capacity);
            Assert.Equal(_model.TryGetValue(id, out var kept), _pending.TryPeek(id, out var peeked));
            Assert.Same(kept, peeked);
            Assert.Equal(_model.Values.ToHashSet(), _pending.Snapshot().ToHashSet());
        }

        public void EverybodyGivesUp()
        {
            foreach ((var id, var waiter) in _model)
            {
                Assert.True(_pending.GiveUp(id, waiter));
            }

            Assert.Equal(0, _pending.Count);
        }

        private void Register(ulong id)
        {
            var waiter = new object();
            _everybody.Add(waiter);
            var expected = _model.ContainsKey(id) ? RegisterOutcome.DuplicateId
                : _model.Count == Capacity ? RegisterOutcome.Full
                : RegisterOutcome.Registered;
            Assert.Equal(expected, _pending.Register(id, waiter));
            if (expected == RegisterOutcome.Registered)
            {
                _model.Add(id, waiter);
            }
        }

        private void GiveUp(ulong id, object waiter)
        {
            var its = _model.TryGetValue(id, out var current) && ReferenceEquals(current, waiter);
            Assert.Equal(its, _pending.GiveUp(id, waiter));
            if (its)
            {
                _model.Remove(id);
            }
        }
    }
}
