using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

public sealed class AgentWatchersTests
{
    private static readonly TimeSpan _lasts = TimeSpan.FromSeconds(30);
    private readonly AgentWatchers<string> _watchers = new(capacity: 2, _lasts);

    [Fact]
    public void Each_is_told_once()
    {
        _watchers.Add(1, "one", TimeSpan.Zero);
        _watchers.Add(1, "one", TimeSpan.Zero);
        _watchers.Add(2, "two", TimeSpan.Zero);
        Assert.Equal(["one", "two"], _watchers.TakeAll(TimeSpan.Zero).Order());
        Assert.Empty(_watchers.TakeAll(TimeSpan.Zero));
    }

    /// <summary>R5: front doors that are gone leave nothing behind.</summary>
    [Fact]
    public void One_that_does_not_say_so_again_is_forgotten()
    {
        _watchers.Add(1, "gone", TimeSpan.Zero);
        _watchers.Add(2, "stays", TimeSpan.Zero);
        _watchers.Add(2, "stays", _lasts / 2);
        Assert.Equal(["stays"], _watchers.TakeAll(_lasts));
    }

    [Fact]
    public void There_are_never_more_than_may_be()
    {
        _watchers.Add(1, "one", TimeSpan.Zero);
        _watchers.Add(2, "two", TimeSpan.Zero);
        _watchers.Add(3, "three", TimeSpan.Zero);
        Assert.Equal(2, _watchers.Count);
        _watchers.Add(3, "three", _lasts);
        Assert.Equal(["three"], _watchers.TakeAll(_lasts));
    }
}
