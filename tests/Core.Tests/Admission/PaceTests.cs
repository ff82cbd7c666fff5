using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

/// <summary>How long something may take of which so much has come.</summary>
public sealed class PaceTests
{
    private static readonly Pace _ordinary = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), 1024);

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5 * 1024, 5)]
    [InlineData(6 * 1024, 6)]
    [InlineData((6 * 1024) + 512, 6.5)]
    [InlineData(30 * 1024, 30)]
    [InlineData(4_194_304, 30)]
    [InlineData(long.MaxValue, 30)]
    public void What_has_come_buys_time_up_to_the_whole(long bytes, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), _ordinary.Until(bytes));

    [Fact]
    public void Without_a_rate_only_the_whole_counts() =>
        Assert.Equal(TimeSpan.FromSeconds(30), (_ordinary with { BytesPerSecond = 0 }).Until(0));

    [Fact]
    public void The_whole_may_be_shorter_than_the_grace() =>
        Assert.Equal(TimeSpan.FromSeconds(1), (_ordinary with { Most = TimeSpan.FromSeconds(1) }).Until(0));
}
