using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

/// <summary>
/// Front doors of a cluster, each with its own balance, before which a balancer of one kind or another sends every agent somewhere: the
/// sessions even out and then stand still, whatever it does.
/// </summary>
public sealed class SessionBalanceModelTests
{
    private const int Seeds = 300;

    // In renewals.
    private const int Length = 1_500;
    private const int Rest = 200;

    [Theory]
    [InlineData(Balancing.Random)]
    [InlineData(Balancing.RoundRobin)]
    [InlineData(Balancing.FewestSessions)]
    public void Sessions_even_out_and_then_stand_still(Balancing balancing)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var cluster = new Cluster(new Random(seed), balancing);
            var surplus = cluster.Surplus;
            for (var i = 0; i < Length; i++)
            {
                cluster.Renew();
            }

            Assert.True(cluster.IsEven, $"seed {seed}: {cluster}");
            // Some agents come back, or to another that has too many; the chances of a move to go wrong are not more than those.
            Assert.True(cluster.Asked <= (3 * surplus) + (20 * cluster.FrontDoors), $"seed {seed}: {surplus} too many, asked {cluster.Asked}: {cluster}");
            Assert.True(cluster.Now - cluster.LastAsked > Length / 3, $"seed {seed}: still moving: {cluster}");
        }
    }

    /// <summary>Where every agent comes back to where it was, each is asked once in its rest and no more.</summary>
    [Fact]
    public void Agents_that_always_come_back_are_left_alone()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var cluster = new Cluster(new Random(seed), Balancing.SamePlace);
            for (var i = 0; i < Rest; i++)
            {
                cluster.Renew();
            }

            Assert.True(cluster.MostAsked <= 1, $"seed {seed}: one was asked {cluster.MostAsked} times");
        }
    }

    public enum Balancing
    {
        Random,
        RoundRobin,
        FewestSessions,
        SamePlace,
    }

    private sealed class Cluster
    {
        private readonly Random _random;
        private readonly Balancing _balancing;
        private readonly List<Door> _doors = [];
        private readonly Dictionary<AgentKey, int> _asked = [];
        private int _robin;

        public Cluster(Random random, Balancing balancing)
        {
            _random = random;
            _balancing = balancing;
            var doors = random.Next(2, 7);
            var rate = random.Next(3) switch { 0 => 0.01, 1 => 0.1, _ => 1.0 };
            for (var i = 0; i < doors; i++)
            {
                _doors.Add(new Door(rate));
            }

            // As after a roll: the last one has none, or few, and the others the more the earlier they came up.
            var agents = random.Next(0, 1_200);
            for (var i = 0; i < agents; i++)
            {
                _doors[random.Next(random.Next(doors - 1) + 1)].Sessions.Add(AgentKey.Parse($"default/a{i}"));
            }

            _doors.ForEach(static d => d.Reported = d.Sessions.Count);
        }

        public int Now { get; private set; }

        public int Asked { get; private set; }

        public int LastAsked { get; private set; }

        public int MostAsked => _asked.Count == 0 ? 0 : _asked.Values.Max();

        public int FrontDoors => _doors.Count;

        public double Surplus => _doors.Sum(d => Math.Max(0, d.Sessions.Count - Mean));

        public bool IsEven => _doors.TrueForAll(d => d.Leaving.Count == 0 && d.Sessions.Count <= Mean + SessionBalance.MarginOf(Mean));

        private double Mean => (double)_doors.Sum(static d => d.Sessions.Count + d.Leaving.Count) / _doors.Count;

        public override string ToString() => string.Join(' ', _doors.Select(static d => d.Sessions.Count));

        // Each renews once, in some order, and some agents connect between any two renewals.
        public void Renew()
        {
            Now++;
            foreach (var door in _doors.OrderBy(_ => _random.Next()).ToList())
            {
                Move(door);
                foreach (var from in _doors)
                {
                    from.Leaving.RemoveAll(agent => _random.Next(2) == 0 && Connect(agent, from));
                }
            }
        }

        private void Move(Door door)
        {
            door.Reported = door.Sessions.Count + door.Leaving.Count;
            var total = _doors.Sum(static d => (long)d.Reported);
            var count = door.Balance.Next(door.Sessions.Count, new(total, _doors.Count, TimeSpan.FromMinutes(1)));
            Assert.True(count == 0 || door.Sessions.Count - count >= (double)total / _doors.Count, "below the mean");
            foreach (var agent in door.Sessions.Where(a => door.Resting.TryAdd(a, TimeSpan.FromSeconds(Now))).Take(count).ToList())
            {
                door.Sessions.Remove(agent);
                door.Leaving.Add(agent);
                _asked[agent] = _asked.GetValueOrDefault(agent) + 1;
                (Asked, LastAsked) = (Asked + 1, Now);
            }
        }

        private bool Connect(AgentKey agent, Door from)
        {
            var to = _balancing switch
            {
                Balancing.Random => _doors[_random.Next(_doors.Count)],
                Balancing.RoundRobin => _doors[_robin++ % _doors.Count],
                Balancing.FewestSessions => _doors.MinBy(static d => d.Sessions.Count + d.Leaving.Count)!,
                _ => from,
            };
            to.Sessions.Add(agent);
            return true;
        }
    }

    private sealed class Door(double rate)
    {
        public SessionBalance Balance { get; } = new(rate, TimeSpan.FromSeconds(30));

        public RestingAgents Resting { get; } = new(10_000, TimeSpan.FromSeconds(Rest));

        public HashSet<AgentKey> Sessions { get; } = [];

        public List<AgentKey> Leaving { get; } = [];

        public int Reported { get; set; }
    }
}
