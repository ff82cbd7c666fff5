using Switchboard.Abstractions;
using Switchboard.Api.Startup;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport.Servers;

namespace Switchboard.Silo.Tests.Storage;

/// <summary>What the reminder service relies on in the table of reminders, whichever it is.</summary>
[Collection(nameof(StorageSilos))]
public sealed class ReminderTests(StorageSilos silos)
{
    // So far away that the silo never fires one of these.
    private static readonly DateTime _start = new(2100, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task What_is_set_is_read_and_set_again(StorageProvider provider)
    {
        var table = await silos.RemindersAsync(provider);
        var id = NewId();
        var first = await table.UpsertRow(Entry(id, "a"));
        await table.UpsertRow(Entry(id, "b"));
        var read = (await table.ReadRow(id, "a"))!;
        Assert.Equal((id, "a", _start, TimeSpan.FromMinutes(1), first), (read.GrainId, read.ReminderName, read.StartAt.ToUniversalTime(), read.Period, read.ETag));

        var again = Entry(id, "a");
        again.Period = TimeSpan.FromDays(40);
        var second = await table.UpsertRow(again);
        Assert.NotEqual(first, second);
        read = (await table.ReadRow(id, "a"))!;
        Assert.Equal((TimeSpan.FromDays(40), second), (read.Period, read.ETag));
        Assert.Equal(["a", "b"], (await table.ReadRows(id)).Reminders.Select(static r => r.ReminderName).Order());
        Assert.Empty((await table.ReadRows(NewId())).Reminders);
    }

    /// <summary>Who would delete what was set again since is refused.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task A_delete_names_the_version_that_is_there(StorageProvider provider)
    {
        var table = await silos.RemindersAsync(provider);
        var id = NewId();
        var stale = (await table.UpsertRow(Entry(id, "a")))!;
        var fresh = (await table.UpsertRow(Entry(id, "a")))!;
        Assert.False(await table.RemoveRow(id, "a", stale));
        Assert.NotNull(await table.ReadRow(id, "a"));
        Assert.True(await table.RemoveRow(id, "a", fresh));
        Assert.Null(await table.ReadRow(id, "a"));
        Assert.False(await table.RemoveRow(id, "a", fresh));
    }

    /// <summary>
    /// Every reminder is in the range of exactly one silo, wherever on the ring: hashes are unsigned, the column is not, and one range goes
    /// over the ring's end.
    /// </summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task A_range_has_those_behind_its_begin_up_to_its_end(StorageProvider provider)
    {
        var table = await silos.RemindersAsync(provider);
        var ids = Enumerable.Range(0, 40).Select(static _ => NewId()).ToList();
        foreach (var id in ids)
        {
            await table.UpsertRow(Entry(id, "a"));
        }

        // Each hash that is there is a bound as well, and the ends and the middle of the ring.
        uint[] bounds = [.. ids.Take(6).Select(static id => id.GetUniformHashCode()), 0, 1, int.MaxValue, int.MaxValue + 1u, uint.MaxValue];
        foreach (var begin in bounds)
        {
            foreach (var end in bounds.Where(end => end != begin))
            {
                var read = (await table.ReadRows(begin, end)).Reminders.Select(static r => r.GrainId).Intersect(ids);
                var expected = ids.Where(id => IsIn(id.GetUniformHashCode(), begin, end));
                Assert.Equal(expected.Order(), read.Order());
            }
        }

        Assert.Equal(ids.Order(), (await table.ReadRows(7, 7)).Reminders.Select(static r => r.GrainId).Intersect(ids).Order());
    }

    private static bool IsIn(uint hash, uint begin, uint end) => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private static GrainId NewId() => GrainId.Create(Names.GrainTypes.Request, Guid.NewGuid().ToString("n"));

    private static ReminderEntry Entry(GrainId id, string name) =>
        new() { GrainId = id, ReminderName = name, StartAt = _start, Period = TimeSpan.FromMinutes(1) };
}
