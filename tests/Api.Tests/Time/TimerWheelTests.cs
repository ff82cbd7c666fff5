using Switchboard.Api.Time;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Time;

/// <summary>A12: a timer per wait kept every request in memory for seconds after its end. Here all deadlines are one timer.</summary>
public sealed class TimerWheelTests
{
    private readonly CountingTime _time = new();

    /// <summary>A12: a million waits that end early leave no entry, and there was never more than the one timer.</summary>
    [Fact]
    public void A_million_waits_are_one_timer()
    {
        using var wheel = new TimerWheel(new GatewayClock(_time));
        for (var i = 0; i < 1_000_000; i++)
        {
            var entry = new Entry();
            wheel.Add(entry, TimeSpan.FromSeconds(30));
            wheel.Remove(entry);
        }

        Assert.Equal((0, 1), (wheel.Count, _time.Timers));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9.999)]
    [InlineData(10)]
    [InlineData(10.001)]
    [InlineData(40_960)]
    [InlineData(40_961)]
    [InlineData(123_456.7)]
    public void It_fires_not_early_and_at_most_two_ticks_late(double milliseconds)
    {
        var clock = new GatewayClock(_time);
        using var wheel = new TimerWheel(clock);
        var entry = new Entry();
        var due = TimeSpan.FromMilliseconds(milliseconds);
        wheel.Add(entry, due);
        while (entry.FiredAt.Count == 0 && clock.Now < due + TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromMilliseconds(3));
        }

        Assert.InRange(Assert.Single(entry.FiredAt), due, due + 2 * TimerWheel.Tick);
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void A_jump_of_the_clock_skips_nobody()
    {
        using var wheel = new TimerWheel(new GatewayClock(_time));
        var entries = Enumerable.Range(1, 5000).Select(i => (Entry: new Entry(), Due: TimeSpan.FromMilliseconds(i * 37))).ToList();
        entries.ForEach(e => wheel.Add(e.Entry, e.Due));
        _time.Advance(TimeSpan.FromMilliseconds(5000 * 37) + 2 * TimerWheel.Tick);
        Assert.All(entries, e => Assert.Single(e.Entry.FiredAt));
    }

    [Fact]
    public void What_asks_to_be_looked_at_again_is_and_what_was_removed_is_not()
    {
        using var wheel = new TimerWheel(new GatewayClock(_time));
        var twice = new Entry { Again = TimeSpan.FromSeconds(2) };
        var removed = new Entry();
        wheel.Add(twice, TimeSpan.FromSeconds(1));
        wheel.Add(removed, TimeSpan.FromSeconds(1));
        wheel.Remove(removed);
        wheel.Add(removed, TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((2, 0), (twice.FiredAt.Count, removed.FiredAt.Count));
    }

    /// <summary>An empty wheel does not tick: an idle process stays idle.</summary>
    [Fact]
    public void It_rests_when_it_is_empty()
    {
        using var wheel = new TimerWheel(new GatewayClock(_time));
        wheel.Add(new Entry(), TimeSpan.FromMilliseconds(20));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_time.Resting);
        wheel.Add(new Entry(), TimeSpan.FromSeconds(2));
        Assert.False(_time.Resting);
    }

    private sealed class Entry : TimerWheelEntry
    {
        public List<TimeSpan> FiredAt { get; } = [];

        public TimeSpan? Again { get; set; }

        protected internal override TimeSpan? OnDue(TimeSpan now)
        {
            FiredAt.Add(now);
            var again = Again;
            Again = null;
            return again;
        }
    }

    /// <summary>The manual clock, which counts the timers that were made of it.</summary>
    private sealed class CountingTime : TimeProvider
    {
        private readonly ManualTimeProvider _inner = new();
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public int Timers { get; private set; }

        public bool Resting => _period == Timeout.InfiniteTimeSpan;

        public override long TimestampFrequency => _inner.TimestampFrequency;

        public void Advance(TimeSpan by) => _inner.Advance(by);

        public override long GetTimestamp() => _inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timers++;
            return new Timer(this, _inner.CreateTimer(callback, state, dueTime, period));
        }

        private sealed class Timer(CountingTime owner, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                owner._period = period;
                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
