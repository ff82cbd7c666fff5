using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

/// <summary>
/// S1 in every order: {connect s1, connect s2, announce s1, announce s2, disconnect s1, activation lost}, so far as one can
/// cause the other: s1 connects before s2, an announce or a disconnect of a session comes after its connect. All end at s2.
/// </summary>
public sealed class SessionTableOrderTests
{
    // Five events under one root: 5! / (5 for what connect s1 precedes and itself · 2 for connect s2 and its announce) = 12,
    // and the loss at any of six places.
    private const int CausalOrders = 12 * 6;
    private static readonly SessionId _s1 = new(0x51);
    private static readonly SessionId _s2 = new(0x52);

    /// <summary>How the wall clock goes from one event to the next.</summary>
    public enum Clock
    {
        Stands,
        Runs,
        SetBackWithTheActivation,
    }

    private enum Step
    {
        Connect1,
        Connect2,
        Announce1,
        Announce2,
        Disconnect1,
        ActivationLost,
    }

    /// <summary>W1, S1: from s2's connect on, every single step leaves the requests going to s2, and nobody tells s2 to go.</summary>
    [Theory]
    [InlineData(Clock.Stands, false)]
    [InlineData(Clock.Stands, true)]
    [InlineData(Clock.Runs, false)]
    [InlineData(Clock.Runs, true)]
    [InlineData(Clock.SetBackWithTheActivation, false)]
    [InlineData(Clock.SetBackWithTheActivation, true)]
    public void All_orders_end_at_the_newest(Clock clock, bool newestAnnouncesFirst)
    {
        List<Step[]> orders = [.. Orders()];
        Assert.Equal(CausalOrders, orders.Count);
        Assert.All(orders.Where(order => clock != Clock.SetBackWithTheActivation || !NobodyKnowsTheLastNumber(order)), order =>
        {
            var world = new World(clock, newestAnnouncesFirst, repliesWhenAsked: true);
            foreach (var step in order)
            {
                world.Take(step);
                if (world.Connected(_s2))
                {
                    Assert.Equal(_s2, world.Table.Route()?.Session);
                }
            }
        });
    }

    /// <summary>
    /// W1, S1: the front doors do not reply to the fresh activation in time and announce a minute later, in either order. The
    /// clock has moved on by then: it is what keeps numbers growing when the last one was lost.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_orders_end_at_the_newest_even_if_the_announces_come_late(bool newestAnnouncesFirst)
    {
        Assert.All(Orders(), order =>
        {
            var world = new World(Clock.Runs, newestAnnouncesFirst, repliesWhenAsked: false);
            foreach (var step in order)
            {
                world.Take(step);
            }

            world.AnnounceAllLive();
            Assert.Equal(_s2, world.Table.Route()?.Session);
        });
    }

    /// <summary>
    /// S1 for a pool: in every order each session that is connected and has not ended takes requests, and nobody is told to go. What
    /// ended is gone, but for an announce of it that comes after its goodbye was lost: its front door, which knows that it has
    /// ended when that announce gets its reply, reports its end again.
    /// </summary>
    [Theory]
    [InlineData(Clock.Stands, false)]
    [InlineData(Clock.Runs, true)]
    [InlineData(Clock.SetBackWithTheActivation, false)]
    public void All_orders_end_at_every_session_of_a_pool(Clock clock, bool newestAnnouncesFirst)
    {
        Assert.All(Orders(), order =>
        {
            var world = new World(clock, newestAnnouncesFirst, repliesWhenAsked: true, SessionPolicy.Pool);
            foreach (var step in order)
            {
                world.Take(step);
                Assert.Equal(world.Live.Reverse(), world.Table.Candidates().Select(entry => entry.Session));
            }
            Assert.Equal(_s2, Assert.Single(world.Live));
        });
    }

    /// <summary>The front doors do not reply to the fresh activation in time, and announce in either order a minute later.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_orders_end_at_every_session_of_a_pool_even_if_the_announces_come_late(bool newestAnnouncesFirst)
    {
        Assert.All(Orders(), order =>
        {
            var world = new World(Clock.Runs, newestAnnouncesFirst, repliesWhenAsked: false, SessionPolicy.Pool);
            foreach (var step in order)
            {
                world.Take(step);
            }

            world.AnnounceAllLive();
            Assert.Equal(_s2, Assert.Single(world.Table.Candidates()).Session);
        });
    }

    private static IEnumerable<Step[]> Orders() => Permutations([.. Enum.GetValues<Step>()]).Where(order =>
        Before(order, Step.Connect1, Step.Connect2) && Before(order, Step.Connect1, Step.Announce1)
        && Before(order, Step.Connect2, Step.Announce2) && Before(order, Step.Connect1, Step.Disconnect1));

    // s1 has gone and s2 not come when the table is lost, and an announce of s1 is still under way: with the clock set back too,
    // nothing is left anywhere that tells the number of s2 is the later one. What README.md says of clocks is this case.
    private static bool NobodyKnowsTheLastNumber(Step[] order) =>
        Before(order, Step.Disconnect1, Step.ActivationLost) && Before(order, Step.ActivationLost, Step.Connect2)
        && Before(order, Step.Connect2, Step.Announce1);

    private static bool Before(Step[] order, Step earlier, Step later) =>
        Array.IndexOf(order, earlier) < Array.IndexOf(order, later);

    private static IEnumerable<Step[]> Permutations(Step[] steps) => steps.Length == 0
        ? [[]]
        : steps.SelectMany(first => Permutations([.. steps.Where(step => step != first)]), (first, rest) => (Step[])[first, .. rest]);

    /// <summary>The grain's table and what the front doors know.</summary>
    private sealed class World(
        Clock clock, bool newestAnnouncesFirst, bool repliesWhenAsked, SessionPolicy policy = SessionPolicy.Latest)
    {
        // In order of connection. A session is live until its disconnect; being displaced does not end it at once.
        private readonly List<(SessionId Session, long Number)> _numbers = [];
        private readonly HashSet<SessionId> _ended = [];
        private long _clockMs = 10_000_000;

        public SessionTable Table { get; private set; } = new(capacity: 4, policy);

        /// <summary>In order of connection.</summary>
        public IEnumerable<SessionId> Live => _numbers.Select(known => known.Session).Where(session => !_ended.Contains(session));

        public bool Connected(SessionId session) => _numbers.Any(known => known.Session == session);

        public void Take(Step step)
        {
            _clockMs += clock == Clock.Stands ? 0 : 1;
            switch (step)
            {
                case Step.Connect1:
                    Connect(_s1);
                    break;
                case Step.Connect2:
                    Connect(_s2);
                    break;
                case Step.Announce1:
                    Announce(_s1);
                    break;
                case Step.Announce2:
                    Announce(_s2);
                    break;
                case Step.Disconnect1:
                    _ended.Add(_s1);
                    Table.Disconnect(_s1);
                    break;
                default:
                    LoseActivation();
                    break;
            }
        }

        public void AnnounceAllLive()
        {
            foreach (var session in newestAnnouncesFirst ? Live.Reverse().ToList() : [.. Live])
            {
                Announce(session);
            }
        }

        private void LoseActivation()
        {
            Table = new SessionTable(capacity: 4, policy);
            _clockMs -= clock == Clock.SetBackWithTheActivation ? 3_600_000 : 0;
            if (repliesWhenAsked)
            {
                AnnounceAllLive();
            }
        }

        private void Connect(SessionId session)
        {
            var outcome = Table.Connect(session, frontDoor: 1, _clockMs);
            _numbers.Add((session, outcome.ConnectNumber));
            Assert.DoesNotContain(outcome.Displaced, entry => entry.Session == _s2);
        }

        private void Announce(SessionId session)
        {
            var outcome = Table.Announce(session, frontDoor: 1, _numbers.Find(known => known.Session == session).Number);
            Assert.DoesNotContain(outcome.Superseded, entry => entry.Session == _s2);
            Assert.False(session == _s2 && outcome.Result == AnnounceResult.Refused, "the newest session was told to go");
            // Only a pool takes it: under `latest` the table goes on as if nobody had said it again, which makes the test the harder.
            if (policy == SessionPolicy.Pool && outcome.Result == AnnounceResult.Taken && _ended.Contains(session))
            {
                Table.Disconnect(session);
            }
        }
    }
}
