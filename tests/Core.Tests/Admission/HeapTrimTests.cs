using Switchboard.Core.Admission;

namespace Switchboard.Core.Tests.Admission;

public sealed class HeapTrimTests
{
    private const long Mb = 1024 * 1024;
    private readonly HeapTrim _trim = new(new HeapReading(0, 50 * Mb, 100 * Mb));
    private long _allocated;

    [Fact]
    public void After_each_storm_it_looks_a_few_times_what_is_in_use_and_gives_the_rest_back()
    {
        for (var storm = 0; storm < 2; storm++)
        {
            StormUntilCollected();
            Assert.Equal(HeapTrimStep.Compact, Look(allocated: 1, inUse: 60, committed: 900));
            for (var round = 1; round < HeapTrim.Rounds; round++)
            {
                UntilCollected(60, 900);
                Assert.Equal(HeapTrimStep.Compact, Look(allocated: 1, inUse: 60, committed: 900));
            }

            for (var i = 0; i < 100; i++)
            {
                Assert.Equal(HeapTrimStep.None, Look(allocated: 16, inUse: 60, committed: 900));
            }
        }
    }

    /// <summary>What the storm left was still in use at the first look, as requests are until a timer forgets them.</summary>
    [Fact]
    public void What_is_freed_late_is_given_back_too()
    {
        StormUntilCollected();
        Assert.Equal(HeapTrimStep.None, Look(allocated: 1, inUse: 500, committed: 510));
        UntilCollected(500, 510);
        Assert.Equal(HeapTrimStep.Compact, Look(allocated: 1, inUse: 60, committed: 510));
    }

    /// <summary>What is in use, and what takes long to move, is left; so is what the heap needs for its own work.</summary>
    [Theory]
    [InlineData(600, 3000)]
    [InlineData(400, 464)]
    [InlineData(60, 80)]
    public void A_heap_that_has_grown_with_what_it_holds_is_left(long inUse, long committed)
    {
        StormUntilCollected();
        for (var i = 0; i < 100; i++)
        {
            Assert.NotEqual(HeapTrimStep.Compact, Look(allocated: 1, inUse, committed));
        }
    }

    [Fact]
    public void Steady_work_is_left_alone_whether_it_is_much_or_little()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(HeapTrimStep.None, Look(allocated: i % 17, inUse: 50, committed: 900));
        }

        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(HeapTrimStep.None, Look(allocated: i % 3 == 0 ? 17 : 1, inUse: 50, committed: 900));
        }
    }

    [Fact]
    public void Work_that_comes_back_in_between_is_not_stopped()
    {
        StormUntilCollected();
        Assert.Equal(HeapTrimStep.None, Look(allocated: 17, inUse: 60, committed: 900));
        StormUntilCollected();
    }

    private void StormUntilCollected()
    {
        Assert.Equal(HeapTrimStep.None, Look(allocated: 900, inUse: 900, committed: 1000));
        UntilCollected(900, 1000);
    }

    private void UntilCollected(long inUse, long committed)
    {
        for (var i = 1; i < HeapTrim.Looks; i++)
        {
            Assert.Equal(HeapTrimStep.None, Look(allocated: 1, inUse, committed));
        }

        Assert.Equal(HeapTrimStep.Collect, Look(allocated: 1, inUse, committed));
    }

    private HeapTrimStep Look(long allocated, long inUse, long committed) =>
        _trim.Next(new HeapReading(_allocated += allocated * Mb, inUse * Mb, committed * Mb));
}
