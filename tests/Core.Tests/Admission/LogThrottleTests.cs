using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

/// <summary>LogThrottle, by hand and against what must hold over random times.</summary>
public sealed class LogThrottleTests
{
    private const int AtOnce = 3;
    private const int PerSecond = 10;

    private readonly LogThrottle<int> _throttle = new(AtOnce, PerSecond);
    private readonly List<int> _lines = [];
    private readonly List<int> _counts = [];

    [Fact]
    public void Few_events_have_a_line_each_at_once()
    {
        for (var i = 0; i < 20; i++)
        {
            Happen(i, TimeSpan.FromMilliseconds(500 * i));
        }

        Assert.Equal(Enumerable.Range(0, 20), _lines);
        Assert.Empty(_counts);
    }

    [Fact]
    public void A_second_within_the_bound_has_all_its_lines_when_it_is_over()
    {
        for (var i = 0; i < PerSecond; i++)
        {
            Happen(i, TimeSpan.FromMilliseconds(i));
        }

        Assert.Equal([0, 1, 2], _lines);

        Look(TimeSpan.FromMilliseconds(999));
        Assert.Equal([0, 1, 2], _lines);

        Look(TimeSpan.FromSeconds(1));
        Assert.Equal(Enumerable.Range(0, PerSecond), _lines);
        Look(TimeSpan.FromSeconds(5));
        Assert.Equal(PerSecond, _lines.Count);
        Assert.Empty(_counts);
    }

    [Fact]
    public void A_crowd_is_counted_but_for_the_first_few()
    {
        for (var i = 0; i <= PerSecond; i++)
        {
            Happen(i, TimeSpan.Zero);
        }

        Look(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1, 2], _lines);
        Assert.Equal([PerSecond + 1 - AtOnce], _counts);
    }

    /// <summary>A crowd of any length costs its first lines and a count a second, its last and smaller second included.</summary>
    [Fact]
    public void A_long_crowd_has_one_count_a_second()
    {
        for (var i = 0; i < 5005; i++)
        {
            Happen(i, TimeSpan.FromMilliseconds(i));
        }

        Look(TimeSpan.FromSeconds(10));
        Assert.Equal([0, 1, 2], _lines);
        Assert.Equal([1000 - AtOnce, 1000, 1000, 1000, 1000, 5], _counts);
    }

    [Fact]
    public void A_crowd_ends_with_a_second_within_the_bound()
    {
        for (var i = 0; i <= PerSecond; i++)
        {
            Happen(i, TimeSpan.Zero);
        }

        Happen(100, TimeSpan.FromMilliseconds(1500));
        Happen(101, TimeSpan.FromMilliseconds(2600));
        Look(TimeSpan.FromSeconds(10));
        Assert.Equal([0, 1, 2, 101], _lines);
        Assert.Equal([PerSecond + 1 - AtOnce, 1], _counts);
    }

    [Fact]
    public void A_crowd_ends_with_a_second_without_events()
    {
        for (var i = 0; i <= PerSecond; i++)
        {
            Happen(i, TimeSpan.Zero);
        }

        Happen(100, TimeSpan.FromMilliseconds(2000));
        Assert.Equal([0, 1, 2, 100], _lines);
        Assert.Equal([PerSecond + 1 - AtOnce], _counts);
    }

    /// <summary>Every event is written once or counted once; what is written was not too much.</summary>
    [Fact]
    public void Every_event_is_written_or_counted() => EventSequences.Check(events =>
    {
        var throttle = new LogThrottle<int>(AtOnce, PerSecond);
        var (now, happened, counted) = (TimeSpan.Zero, 0, 0);
        List<int> lines = [];
        foreach (var next in events)
        {
            now += TimeSpan.FromMilliseconds(next.Draw(4) switch { 0 => 700, 1 => 90, _ => 5 });
            Due(now);
            for (var i = next.Draw(8); i >= 0; i--, happened++)
            {
                if (throttle.TryWrite(happened, now))
                {
                    lines.Add(happened);
                }
            }
        }
        Due(TimeSpan.MaxValue);
        Assert.Equal(happened, lines.Count + counted);
        Assert.Equal(lines.Count, lines.Distinct().Count());

        void Due(TimeSpan at)
        {
            var due = throttle.TakeDue(at);
            Assert.True(due.Lines.Count == 0 || due.LeftOut == 0 || due.Lines.Count <= PerSecond);
            lines.AddRange(due.Lines);
            counted += due.LeftOut;
        }
    });

    [Fact]
    public void A_bound_below_what_is_written_at_once_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogThrottle<int>(2, 1));

    private void Happen(int item, TimeSpan at)
    {
        Look(at);
        if (_throttle.TryWrite(item, at))
        {
            _lines.Add(item);
        }
    }

    private void Look(TimeSpan at)
    {
        var due = _throttle.TakeDue(at);
        _lines.AddRange(due.Lines);
        if (due.LeftOut > 0)
        {
            _counts.Add(due.LeftOut);
        }
    }
}
