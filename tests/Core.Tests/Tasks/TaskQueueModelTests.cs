using Switchboard.Core.Tasks;

namespace Switchboard.Core.Tests.Tasks;

/// <summary>TaskQueue against a list, over random submissions, pump steps, withdrawals and a stop.</summary>
public sealed class TaskQueueModelTests
{
    /// <summary>T2, T4, A11: the order is that of the positions, the bound holds, and nobody is lost or applied twice.</summary>
    [Fact]
    public void Does_what_a_list_does_and_loses_nobody() => EventSequences.Check(events =>
    {
        var pair = new Pair();
        foreach (var next in events)
        {
            pair.Take(next);
        }

        pair.Stop();
    }, sequences: 2_000);

    private sealed class Pair
    {
        private const int Capacity = 4;
        private readonly TaskQueue<string> _queue = new(Capacity);
        private readonly List<(ulong Id, long Position, TimeSpan ExpiresAt)> _waiting = [];
        private TimeSpan _now = TimeSpan.Zero;
        private ulong? _applying;
        private long _lastBegun;
        private long _applied;
        private long _accepted;
        private long _left;
        private bool _stopped;

        public void Take(Event next)
        {
            _now += TimeSpan.FromMilliseconds(next.Draw(3));
            var id = (ulong)next.Draw(7);
            switch (next.Draw(12))
            {
                case < 5:
                    Submit(id, _now + TimeSpan.FromMilliseconds(next.Draw(8) - 1));
                    break;
                case < 8:
                    Begin();
                    break;
                case < 10:
                    Complete(id);
                    break;
                case < 11:
                    Withdraw(id);
                    break;
                default:
                    if (next.Draw(20) == 0)
                    {
                        Stop();
                    }

                    break;
            }
            Holds();
        }

        public void Stop()
        {
            Assert.Equal(_waiting.Select(task => task.Id), _queue.Stop().Select(task => task.Id));
            _left += _waiting.Count;
            _waiting.Clear();
            _stopped = true;
            Holds();
        }

        private void Holds()
        {
            Assert.Equal((_waiting.Count, _applying, _applied), (_queue.Count, _queue.Applying, _queue.Applied));
            Assert.True(_queue.Count <= Capacity);
            Assert.Equal(_accepted + 1, _queue.NextPosition);
            Assert.Equal(_accepted, _left + _queue.Count + _queue.Applied + (_queue.Applying is null ? 0 : 1));
        }

        private void Submit(ulong id, TimeSpan expiresAt)
        {
            var expected = _stopped ? SubmitResult.Stopped
                : _applying == id || _waiting.Exists(task => task.Id == id) ? SubmitResult.Duplicate
                : expiresAt <= _now ? SubmitResult.ExpiredAlready
                : _waiting.Count == Capacity ? SubmitResult.Full
                : SubmitResult.Accepted;
            var outcome = _queue.Submit(id, "payload " + id, expiresAt, _now);
            Assert.Equal(expected, outcome.Result);
            Assert.Equal(expected == SubmitResult.Accepted ? _accepted + 1 : 0, outcome.Position);
            if (expected == SubmitResult.Accepted)
            {
                _waiting.Add((id, ++_accepted, expiresAt));
            }
        }

        private void Begin()
        {
            var outcome = _queue.TryBegin(_now);
            if (_applying is not null)
            {
                Assert.Null(outcome.Task);
                Assert.Empty(outcome.Expired);
                return;
            }
            var expired = _waiting.TakeWhile(task => task.ExpiresAt <= _now).ToList();
            _waiting.RemoveRange(0, expired.Count);
            _left += expired.Count;
            Assert.Equal(expired.Select(task => (task.Id, task.Position)), outcome.Expired.Select(task => (task.Id, task.Position)));
            Assert.Equal(_waiting.Count > 0 ? _waiting[0].Id : null, outcome.Task?.Id);
            if (outcome.Task is not { } begun)
            {
                return;
            }

            Assert.Equal("payload " + begun.Id, begun.Payload);
            Assert.True(begun.Position > _lastBegun && begun.ExpiresAt > _now);
            (_lastBegun, _applying) = (begun.Position, begun.Id);
            _waiting.RemoveAt(0);
        }

        private void Complete(ulong id)
        {
            var its = _applying == id;
            Assert.Equal(its, _queue.Complete(id));
            _applied += its ? 1 : 0;
            _applying = its ? null : _applying;
        }

        private void Withdraw(ulong id)
        {
            var removed = _applying == id ? 0 : _waiting.RemoveAll(task => task.Id == id);
            var expected = _applying == id ? WithdrawResult.Begun
                : removed > 0 ? WithdrawResult.Withdrawn : WithdrawResult.Unknown;
            Assert.Equal(expected, _queue.Withdraw(id));
            _left += removed;
        }
    }
}
