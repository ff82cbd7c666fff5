using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;
using Switchboard.Silo.Storage.Sqlite;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Silo.Tests.Storage;

/// <summary>The engine below: who writes with whom, what fails alone and what together, and what is bounded.</summary>
public sealed class SqliteDatabaseTests
{
    [Fact]
    public async Task What_waits_for_the_disk_shares_the_next_commit()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync();
        var before = file.Commits;
        Task<int>[] writes;
        await using (await database.HoldWriterAsync())
        {
            writes = [.. Enumerable.Range(0, 64).Select(i => database.AddAsync(i))];
        }

        Assert.All(await Task.WhenAll(writes).DefaultTimeout(), static n => Assert.Equal(1, n));
        Assert.Equal(before + 2, file.Commits);
        Assert.Equal(64, (await database.IdsAsync()).Count);
    }

    /// <summary>A transaction takes so many writes, or so many bytes, and no more.</summary>
    [Theory]
    [InlineData(4, long.MaxValue)]
    [InlineData(1000, 40)]
    public async Task A_commit_has_its_bounds(int writes, long bytes)
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync(o => o with { MaxWritesPerCommit = writes, MaxBytesPerCommit = bytes });
        var before = file.Commits;
        List<Task<int>> waiting = [];
        await using (await database.HoldWriterAsync())
        {
            for (var i = 0; i < 12; i++)
            {
                waiting.Add(database.WriteAsync(static _ => 0, 10, CancellationToken.None));
            }
        }

        await Task.WhenAll(waiting).DefaultTimeout();
        Assert.Equal(before + 1 + 3, file.Commits);
    }

    [Fact]
    public async Task One_that_throws_is_undone_alone()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync();
        Task<int> first;
        Task<int> bad;
        Task<int> broken;
        Task<int> last;
        await using (await database.HoldWriterAsync())
        {
            first = database.AddAsync(1);
            bad = database.WriteAsync<int>(
                static c =>
                {
                    c.Execute("INSERT INTO kept VALUES (2, NULL)");
                    throw new FormatException("its own");
                },
                CancellationToken.None);
            broken = database.AddAsync(1);
            last = database.AddAsync(3);
        }

        await Task.WhenAll(first, last).DefaultTimeout();
        Assert.Equal("its own", (await Assert.ThrowsAsync<FormatException>(() => bad.DefaultTimeout())).Message);
        Assert.Equal(SQLitePCL.raw.SQLITE_CONSTRAINT, (await Assert.ThrowsAsync<SqliteException>(() => broken.DefaultTimeout())).SqliteErrorCode);
        Assert.Equal([1, 3], await database.IdsAsync());
    }

    /// <summary>A commit that fails fails all of its writes, also one whose own error rested on what another wrote; the next succeed.</summary>
    [Fact]
    public async Task A_commit_that_fails_fails_all_of_it()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync();
        await database.WriteAsync(
            static c => c.Execute("CREATE TABLE part (of INTEGER REFERENCES kept DEFERRABLE INITIALLY DEFERRED)"), CancellationToken.None).DefaultTimeout();
        Task<int>[] all;
        await using (await database.HoldWriterAsync())
        {
            all =
            [
                database.AddAsync(1),
                database.WriteAsync(static c => c.Execute("INSERT INTO part VALUES (7)"), CancellationToken.None),
                database.AddAsync(1),
            ];
        }

        foreach (var write in all)
        {
            var error = await Assert.ThrowsAsync<SqliteException>(() => write.DefaultTimeout());
            Assert.Contains("FOREIGN KEY", error.Message, StringComparison.Ordinal);
        }

        await database.AddAsync(2).DefaultTimeout();
        Assert.Equal([2], await database.IdsAsync());
    }

    /// <summary>Who awaits a write goes on elsewhere: on the writer's thread it would hold up everybody's.</summary>
    [Fact]
    public async Task Nobody_goes_on_on_its_threads()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync();
        Assert.DoesNotContain("sqlite", await WhereAsync(database.AddAsync(1)), StringComparison.Ordinal);
        Assert.DoesNotContain("sqlite", await WhereAsync(database.IdsAsync()), StringComparison.Ordinal);

        static Task<string> WhereAsync(Task task) => task.ContinueWith(
            static _ => Thread.CurrentThread.Name ?? "", CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).DefaultTimeout();
    }

    [Fact]
    public async Task A_full_queue_says_so()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync(o => o with { QueueCapacity = 3, QueueCapacityBytes = 100 });
        List<Task<int>> waiting = [];
        await using (await database.HoldWriterAsync())
        {
            // One that is larger than the bound is let in where nothing else waits, and nothing with bytes beside it.
            waiting.Add(database.WriteAsync(static _ => 0, 1000, CancellationToken.None));
            await Assert.ThrowsAsync<StorageOverloadedException>(() => database.WriteAsync(static _ => 0, 1, CancellationToken.None));
        }

        await using (await database.HoldWriterAsync())
        {
            waiting.AddRange(Enumerable.Range(0, 3).Select(i => database.AddAsync(i)));
            await Assert.ThrowsAsync<StorageOverloadedException>(() => database.AddAsync(4));
        }

        await Task.WhenAll(waiting).DefaultTimeout();
        await database.AddAsync(5).DefaultTimeout();
        Assert.Equal([0, 1, 2, 5], await database.IdsAsync());
    }

    [Fact]
    public async Task A_token_ends_what_has_not_begun()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync();
        using var stop = new CancellationTokenSource();
        await using (await database.HoldWriterAsync())
        {
            var cancelled = database.WriteAsync(static c => c.Execute("INSERT INTO kept VALUES (1, NULL)"), stop.Token);
            await stop.CancelAsync();
            // At once, and not when its turn would come.
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.DefaultTimeout());
        }

        await database.AddAsync(2).DefaultTimeout();
        Assert.Equal([2], await database.IdsAsync());
        Assert.True(database.WriteAsync(static _ => 0, stop.Token).IsCanceled);
    }

    /// <summary>Readers see what was confirmed, beside a writer that is at work, and cannot write.</summary>
    [Fact]
    public async Task Readers_wait_for_no_writer()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync();
        await database.AddAsync(1).DefaultTimeout();
        Task<int> waiting;
        await using (await database.HoldWriterAsync())
        {
            waiting = database.AddAsync(2);
            Assert.Equal([1], await database.IdsAsync().DefaultTimeout());
        }

        await waiting.DefaultTimeout();
        Assert.Equal([1, 2], await database.IdsAsync().DefaultTimeout());
        await Assert.ThrowsAsync<StorageUnavailableException>(() => database.ReadAsync(static c => c.Execute("DELETE FROM kept"), CancellationToken.None).DefaultTimeout());
        Assert.Equal([1, 2], await database.IdsAsync().DefaultTimeout());
    }

    /// <summary>A full disk is an error of its own; what was there stays, and what there is room for is written again.</summary>
    [Fact]
    public async Task A_full_disk_is_told_and_survived()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync();
        await database.AddAsync(1, new byte[100_000]).DefaultTimeout();
        await database.WriteAsync(
            static c => c.Statement($"PRAGMA max_page_count = {c.Statement("PRAGMA page_count").ExecuteScalar()}").ExecuteScalar(), CancellationToken.None).DefaultTimeout();
        var full = await Assert.ThrowsAsync<StorageFullException>(() => database.AddAsync(2, new byte[100_000]).DefaultTimeout());
        Assert.Equal($"'{file.Path}' cannot grow: the disk is full.", full.Message);

        await database.WriteAsync(static c => c.Execute("DELETE FROM kept WHERE id = 1"), CancellationToken.None).DefaultTimeout();
        await database.AddAsync(3, new byte[50_000]).DefaultTimeout();
        Assert.Equal([3], await database.IdsAsync());
    }

    /// <summary>A read that goes on keeps the log from being emptied; it grows for that long, and is emptied after.</summary>
    [Fact]
    public async Task The_log_is_bounded()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync(o => o with { MaxLogBytes = 1_000_000 });
        await using (await database.HoldReaderAsync())
        {
            await database.AddAsync(1, new byte[1_500_000]).DefaultTimeout();
            Assert.InRange(file.LogBytes, 1_500_000, long.MaxValue);
        }

        await database.AddAsync(2, new byte[1_500_000]).DefaultTimeout();
        // One write more, so that the writer has come past the end of the one before.
        await database.AddAsync(3).DefaultTimeout();
        Assert.InRange(file.LogBytes, 0, 100_000);
        Assert.Equal([1, 2, 3], await database.IdsAsync());
    }

    /// <summary>What was queued when it closes is done, and nothing after; the log is gone, so that one file is all there is.</summary>
    [Fact]
    public async Task A_close_does_what_was_queued()
    {
        await using var file = new TestFile();
        var database = await file.OpenWithTableAsync();
        Task<int>[] writes;
        ValueTask closing;
        await using (await database.HoldWriterAsync())
        {
            writes = [.. Enumerable.Range(0, 10).Select(i => database.AddAsync(i))];
            closing = database.DisposeAsync();
        }

        await closing.DefaultTimeout();
        Assert.All(writes, static w => Assert.True(w.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.AddAsync(11));
        Assert.Equal(["switchboard.db", "switchboard.db.lock"], Directory.GetFiles(file.Folder).Select(Path.GetFileName).Order());
        await using var again = file.Open();
        Assert.Equal(10, (await again.IdsAsync()).Count);
    }
}
