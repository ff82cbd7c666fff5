using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

/// <summary>Rates against a bucket that leaks, and against what a rate is for: no stretch of time gives more than it should.</summary>
public sealed class RateModelTests
{
    private const int PerSecond = 10;
    private static readonly TimeSpan _burst = TimeSpan.FromMilliseconds(450);
    private static readonly Rate _rate = new(PerSecond, _burst);

    [Fact]
    public void One_bucket_is_one_that_leaks() => EventSequences.Check(events =>
    {
        var gate = new RateGate(_rate);
        var model = new Leaking();
        var now = TimeSpan.Zero;
        List<TimeSpan> given = [];
        foreach (var next in events)
        {
            now += TimeSpan.FromMilliseconds(next.Draw(120));
            var expected = model.TryTake(now);
            Assert.Equal(expected, gate.TryTake(now));
            if (expected)
            {
                given.Add(now);
            }
        }
        for (var from = 0; from < given.Count; from++)
        {
            for (var to = from; to < given.Count; to++)
            {
                Assert.True(to - from + 1 <= 1 + (PerSecond * (given[to] - given[from] + _burst).TotalSeconds));
            }
        }
    });

    /// <summary>While there is room, each key has its own, whatever was thrown away meanwhile; and there are never more than may be.</summary>
    [Fact]
    public void Keys_do_not_disturb_each_other() => EventSequences.Check(events =>
    {
        const int Capacity = 3;
        var rates = new KeyedRates<int>(_rate, Capacity);
        var models = new Dictionary<int, Leaking>();
        var others = new Leaking();
        var now = TimeSpan.Zero;
        foreach (var next in events)
        {
            now += TimeSpan.FromMilliseconds(next.Draw(200));
            var key = next.Draw(6);
            // A full bucket may have been thrown away or not: it makes no difference, except that it takes no place.
            foreach (var full in models.Where(m => m.Value.IsFull(now)).Select(m => m.Key).ToList())
            {
                models.Remove(full);
            }

            var expected = models.TryGetValue(key, out var own) ? own.TryTake(now)
                : models.Count < Capacity ? (models[key] = new Leaking()).TryTake(now)
                : others.TryTake(now);
            Assert.Equal(expected, rates.TryTake(key, now));
            Assert.InRange(rates.Count, models.Count, Capacity);
        }
    });

    [Fact]
    public void One_is_always_given()
    {
        var gate = new RateGate(new Rate(1, TimeSpan.Zero));
        Assert.True(gate.TryTake(TimeSpan.Zero));
        Assert.False(gate.TryTake(TimeSpan.FromSeconds(0.9)));
        Assert.True(gate.TryTake(TimeSpan.FromSeconds(1)));
    }

    /// <summary>Many keys: the memory that they take stays within the capacity, and the one that they share gives what one may.</summary>
    [Fact]
    public void A_crowd_of_keys_shares_one_bucket()
    {
        var rates = new KeyedRates<int>(new Rate(10, TimeSpan.FromSeconds(1)), 2048);
        var given = Enumerable.Range(0, 100_000).Count(key => rates.TryTake(key, TimeSpan.Zero));
        Assert.InRange(rates.Count, 1, 2048);
        Assert.InRange(given, 2048, 2048 + (16 * 10));
        Assert.Equal(1, Enumerable.Range(200_000, 1).Count(key => rates.TryTake(key, TimeSpan.FromSeconds(2))));
    }

    [Fact]
    public void Threads_together_get_no_more()
    {
        var gate = new RateGate(new Rate(1000, TimeSpan.FromSeconds(1)));
        var given = 0;
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (gate.TryTake(TimeSpan.Zero))
                {
                    Interlocked.Increment(ref given);
                }
            }
        });
        Assert.Equal(1000, given);
    }

    [Fact]
    public void Rates_have_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rate(0, _burst));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rate(100_001, _burst));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rate(1, TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedRates<int>(_rate, 0));
    }

    /// <summary>Filled by what is given, emptied by time; what would make it too full is refused.</summary>
    private sealed class Leaking
    {
        private double _level;
        private TimeSpan _at;

        public bool IsFull(TimeSpan now) => Level(now) < 0.001;

        public bool TryTake(TimeSpan now)
        {
            _level = Level(now);
            _at = now;
            var capacity = _burst.TotalSeconds * PerSecond;
            if (_level + 1 > Math.Max(capacity, 1) + 0.001)
            {
                return false;
            }

            _level++;
            return true;
        }

        private double Level(TimeSpan now) => Math.Max(0, _level - ((now - _at).TotalSeconds * PerSecond));
    }
}
