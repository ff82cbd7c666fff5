using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

public sealed class HeapShareTests
{
    [Theory]
    [InlineData(512, 8192, 512)]
    [InlineData(512, 2048, 512)]
    [InlineData(512, 1024, 256)]
    [InlineData(512, 0, 1)]
    public void A_budget_takes_a_quarter_of_the_memory_at_most(long budget, long memory, long share) =>
        Assert.Equal(share, HeapShare.Of(budget, memory));
}
