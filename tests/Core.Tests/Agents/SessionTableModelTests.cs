using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

/// <summary>SessionTable against a naive model, over random connects, announces, retirements, ends and lost front doors.</summary>
public sealed class SessionTableModelTests
{
    private const int Capacity = 3;

    [Theory]
    [InlineData(SessionPolicy.Latest)]
    [InlineData(SessionPolicy.Pool)]
    public void Does_what_the_model_does_and_keeps_its_invariants(SessionPolicy policy) => EventSequences.Check(events =>
    {
        var pair = new Pair(policy);
        foreach (var next in events)
        {
            pair.Take(next);
        }
    }, sequences: 2_000);

    /// <summary>The table, a model that is all queries over one list, and what must hold between any two events.</summary>
    private sealed class Pair(SessionPolicy policy)
    {
        private readonly SessionTable _table = new(Capacity, policy);
        private readonly HashSet<SessionId> _tombstones = [];
        private readonly HashSet<SessionId> _kicked = [];
        private List<SessionEntry> _model = [];
        private long _last;

        private bool IsPool => policy == SessionPolicy.Pool;

        private bool IsFull => IsPool && _model.Count == Capacity && _model.TrueForAll(entry => !entry.Retiring);

        public void Take(Event next)
        {
            var session = new SessionId((ulong)next.Draw(12));
            var frontDoor = (ushort)next.Draw(3);
            var before = _table.Entries;
            var reported = next.Draw(9) switch
            {
                0 or 1 => Connect(session, frontDoor, next.Draw(60)),
                2 or 3 => Announce(session, frontDoor, next.Draw(60), retiring: false),
                4 => Announce(session, frontDoor, next.Draw(60), retiring: true),
                5 => Disconnect(session),
                6 => Retire(session),
                7 => Kick(),
                _ => DropFrontDoor(frontDoor),
            };
            Assert.Equal(_model.OrderBy(entry => entry.ConnectNumber).ThenBy(entry => entry.Session.Value), Sorted(_table.Entries));
            Holds(before, reported);
        }

        private void Holds(IReadOnlyList<SessionEntry> before, IReadOnlyList<SessionEntry> reported)
        {
            var now = _table.Entries;
            Assert.True(now.Count <= Capacity);
            Assert.Equal(now.Count, now.Select(entry => entry.Session).Distinct().Count());
            Assert.True(IsPool || now.Count(entry => !entry.Retiring) <= 1, "two sessions take requests");
            Assert.Equal(now.OrderBy(entry => entry.ConnectNumber), now);
            // The retiring ones only where there is nobody else; of one process the newest, of a pool all.
            var retiring = now.All(entry => entry.Retiring);
            var candidates = now.Reverse().Where(entry => entry.Retiring == retiring);
            Assert.Equal(IsPool ? candidates : candidates.Take(1), _table.Candidates());
            Assert.Equal(_table.Candidates() is [var first, ..] ? first : null, _table.Route());
            // Whoever left was named to the caller, who must tell it so.
            var left = before.Select(entry => entry.Session).Except(now.Select(entry => entry.Session));
            Assert.Equal(left.OrderBy(id => id.Value), reported.Select(entry => entry.Session).OrderBy(id => id.Value));
        }

        private IReadOnlyList<SessionEntry> Connect(SessionId session, ushort frontDoor, long clockMs)
        {
            var displaces = !IsPool && _model.Exists(entry => !entry.Retiring)
                && !_tombstones.Contains(session) && !_model.Exists(entry => entry.Session == session);
            Assert.Equal(displaces, _table.WouldDisplace(session));
            var outcome = _table.Connect(session, frontDoor, clockMs);
            Assert.Equal(
                IsFull && !_tombstones.Contains(session) && !_model.Exists(entry => entry.Session == session), outcome.Refused);
            if (outcome.Refused)
            {
                return outcome.Displaced;
            }

            if (_model.Find(entry => entry.Session == session) is { } known)
            {
                Assert.Equal(known.ConnectNumber, outcome.ConnectNumber);
                return outcome.Displaced;
            }
            Assert.True(outcome.ConnectNumber > _last && outcome.ConnectNumber > clockMs);
            _last = outcome.ConnectNumber;
            if (!_tombstones.Contains(session))
            {
                TakeOver(session, frontDoor, _last);
            }

            return outcome.Displaced;
        }

        private IReadOnlyList<SessionEntry> Announce(SessionId session, ushort frontDoor, long number, bool retiring)
        {
            var outcome = _table.Announce(session, frontDoor, number, retiring);
            Assert.Equal(ExpectedOf(session, number, retiring), outcome.Result);
            if (number > 0)
            {
                _last = Math.Max(_last, number);
            }

            if (outcome.Result == AnnounceResult.Refreshed)
            {
                var was = Remove(entry => entry.Session == session).Single();
                var newer = Math.Max(number, was.ConnectNumber);
                _model.Add(was with { FrontDoor = frontDoor, ConnectNumber = newer, Retiring = was.Retiring || retiring });
            }
            else if (outcome.Result == AnnounceResult.Taken && retiring)
            {
                if (!IsPool)
                {
                    Remove(entry => !entry.Retiring && entry.ConnectNumber < number);
                }

                _model.Add(new() { Session = session, FrontDoor = frontDoor, ConnectNumber = number, Retiring = true });
            }
            else if (outcome.Result == AnnounceResult.Taken)
            {
                Assert.DoesNotContain(outcome.Superseded, entry => !entry.Retiring && (IsPool || entry.ConnectNumber >= number));
                TakeOver(session, frontDoor, number);
            }
            return outcome.Superseded;
        }

        private AnnounceResult ExpectedOf(SessionId session, long number, bool retiring)
        {
            if (number < 1)
            {
                return AnnounceResult.Refused;
            }

            if (_tombstones.Contains(session))
            {
                return _kicked.Contains(session) ? AnnounceResult.Kicked : AnnounceResult.Refused;
            }

            if (_model.Exists(entry => entry.Session == session))
            {
                return AnnounceResult.Refreshed;
            }

            if (IsPool && !retiring)
            {
                return IsFull ? AnnounceResult.NoRoom : AnnounceResult.Taken;
            }

            var taken = retiring
                ? _model.Count < Capacity
                : number >= _last && !_model.Exists(entry => !entry.Retiring && entry.ConnectNumber >= number);
            return taken ? AnnounceResult.Taken : AnnounceResult.Refused;
        }

        private List<SessionEntry> Disconnect(SessionId session)
        {
            Assert.Equal(_model.Exists(entry => entry.Session == session), _table.Disconnect(session));
            _tombstones.Add(session);
            return Remove(entry => entry.Session == session);
        }

        private IReadOnlyList<SessionEntry> Kick()
        {
            var kicked = _table.Kick();
            Assert.Equal(Sorted(_model), Sorted(kicked));
            _tombstones.UnionWith(_model.Select(entry => entry.Session));
            _kicked.UnionWith(_model.Select(entry => entry.Session));
            _model.Clear();
            return kicked;
        }

        private IReadOnlyList<SessionEntry> Retire(SessionId session)
        {
            Assert.Equal(_model.Exists(entry => entry.Session == session), _table.Retire(session));
            _model = [.. _model.Select(entry => entry.Session == session ? entry with { Retiring = true } : entry)];
            return [];
        }

        private IReadOnlyList<SessionEntry> DropFrontDoor(ushort frontDoor)
        {
            var dropped = _table.DropFrontDoor(frontDoor);
            Assert.Equal(Sorted(Remove(entry => entry.FrontDoor == frontDoor)), Sorted(dropped));
            return dropped;
        }

        private void TakeOver(SessionId session, ushort frontDoor, long number)
        {
            if (!IsPool)
            {
                Remove(entry => !entry.Retiring);
            }

            if (_model.Count == Capacity)
            {
                _model.Remove(Oldest());
            }

            _model.Add(new SessionEntry { Session = session, FrontDoor = frontDoor, ConnectNumber = number });
        }

        // Of two with one number, which only announces can bring, the one that was entered first.
        private SessionEntry Oldest() => _model.Where(entry => entry.Retiring).MinBy(entry => entry.ConnectNumber)!;

        private List<SessionEntry> Remove(Predicate<SessionEntry> which)
        {
            var removed = _model.FindAll(which);
            _model.RemoveAll(which);
            return removed;
        }

        private static List<SessionEntry> Sorted(IEnumerable<SessionEntry> entries) =>
            [.. entries.OrderBy(entry => entry.ConnectNumber).ThenBy(entry => entry.Session.Value)];
    }
}
