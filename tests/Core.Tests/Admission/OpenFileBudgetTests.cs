using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

/// <summary>How many connections fit under a limit of open files.</summary>
public sealed class OpenFileBudgetTests
{
    [Theory]
    [InlineData(1024, 200, 696)]
    [InlineData(65_536, 250, 61_190)]
    [InlineData(4_000_000_000, 0, int.MaxValue)]
    [InlineData(300, 200, 0)]
    [InlineData(0, 0, 0)]
    public void A_reserve_stays_free(long limit, int open, int connections) =>
        Assert.Equal(connections, OpenFileBudget.Connections(limit, open));

    [Fact]
    public void What_is_negative_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OpenFileBudget.Connections(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => OpenFileBudget.Connections(0, -1));
    }
}
