using Switchboard.Api.FrontDoors;
using Switchboard.Core.Ids;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.FrontDoors;

/// <summary>I4, I5: a restart in the same second, or after the clock was set back, repeated ids. The number of the start is in each id.</summary>
public sealed class StartCounterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("switchboard-starts-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>I4, I5: two runs that start in the same millisecond, and one an hour "before" them, have no id in common.</summary>
    [Fact]
    public void Restarts_repeat_no_id()
    {
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var seen = new HashSet<ulong>();
        foreach (var start in new[] { now, now, now.AddHours(-1) })
        {
            var ids = new RequestIdGenerator(StartCounter.NumberOf(StartCounter.CountOne(_folder.FullName)), start);
            for (var i = 0; i < 100_000; i++)
            {
                Assert.True(seen.Add(ids.Next().Value));
            }
        }
    }

    [Fact]
    public async Task Processes_that_share_a_folder_count_one_after_the_other()
    {
        var counted = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => StartCounter.CountOne(_folder.FullName))));
        Assert.Equal(Enumerable.Range(1, 32).Select(i => (ulong)i), counted.Order());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(65_533, 65_534)]
    [InlineData(65_534, 65_535)]
    [InlineData(65_535, 1)]
    public void The_number_is_never_zero(ulong start, ushort number) => Assert.Equal(number, StartCounter.NumberOf(start));

    /// <summary>A crash between writing and renaming leaves the old figure; a file that is not a figure is not overwritten.</summary>
    [Fact]
    public void Half_a_write_and_a_broken_file()
    {
        StartCounter.CountOne(_folder.FullName);
        File.WriteAllText(Path.Combine(_folder.FullName, StartCounter.FileName + ".new"), "7777");
        Assert.Equal(2ul, StartCounter.CountOne(_folder.FullName));
        File.WriteAllText(Path.Combine(_folder.FullName, StartCounter.FileName), "seven");
        Assert.Throws<IOException>(() => StartCounter.CountOne(_folder.FullName));
    }

    /// <summary>Without a folder that can be written to, the front door works all the same, under a random number.</summary>
    [Fact]
    public async Task Without_a_folder()
    {
        var file = Path.Combine(_folder.FullName, "a-file");
        await File.WriteAllTextAsync(file, "");
        await using var host = await GatewayHost.StartAsync(settings: ("Switchboard:FrontDoor:DataFolder", file));
        Assert.NotEqual(0, host.Service<IFrontDoor>().Number);
        Assert.True(host.Service<IFrontDoor>().Ready);
    }
}
