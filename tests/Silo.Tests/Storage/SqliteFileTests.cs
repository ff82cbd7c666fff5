using System.Security.Cryptography;
using Switchboard.Abstractions.Durable;
using Switchboard.Silo.Storage.Sqlite;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Silo.Tests.Storage;

/// <summary>Which files the program opens. What it refuses it leaves as it was.</summary>
public sealed class SqliteFileTests
{
    [Fact]
    public async Task A_new_one_gets_the_schema_and_an_old_one_keeps_its_rows()
    {
        await using var file = new TestFile();
        await using (var database = await file.OpenWithTableAsync())
        {
            await database.AddAsync(1).DefaultTimeout();
        }

        await using (var database = file.Open())
        {
            Assert.Equal([1], await database.IdsAsync().DefaultTimeout());
            Assert.Equal("1, 1", await database.ReadAsync(
                static c => c.Statement("SELECT version || ', ' || oldest_program FROM switchboard_schema").ExecuteScalar(), CancellationToken.None).DefaultTimeout());
        }
    }

    /// <summary>What the disk has to have confirmed, and what is refused: these settings are a connection's own, not the file's.</summary>
    [Fact]
    public async Task A_commit_is_on_the_disk_and_references_are_kept()
    {
        await using var file = new TestFile();
        await using var database = file.Open();
        foreach (var (pragma, value) in new[] { ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1") })
        {
            Assert.Equal(value, await database.WriteAsync(c => $"{c.Statement($"PRAGMA {pragma}").ExecuteScalar()}", CancellationToken.None).DefaultTimeout());
        }
    }

    /// <summary>After a program of the next version, which still allows this one: a way back.</summary>
    [Fact]
    public async Task A_newer_one_that_allows_this_program_is_fine()
    {
        await using var file = new TestFile();
        await file.Open().DisposeAsync();
        file.Change($"UPDATE switchboard_schema SET version = {SqliteSchema.Current + 1}");
        await using (var database = file.Open())
        {
            Assert.Equal(SqliteSchema.Current + 1L, await database.ReadAsync(
                static c => c.Statement("SELECT version FROM switchboard_schema").ExecuteScalar(), CancellationToken.None).DefaultTimeout());
        }
    }

    [Fact]
    public async Task A_newer_one_that_does_not_is_refused()
    {
        await using var file = new TestFile();
        await file.Open().DisposeAsync();
        file.Change("UPDATE switchboard_schema SET version = 9, oldest_program = 8");
        Assert.Equal(
            $"'{file.Path}' has a schema of version 9, on which no program for a schema older than 8 may run; this one is for {SqliteSchema.Current}. Run a newer program.",
            Refused<StorageUnusableException>(file));
    }

    [Fact]
    public async Task One_of_another_program_is_refused()
    {
        await using var file = new TestFile();
        file.Change("CREATE TABLE theirs (id INTEGER)");
        Assert.Equal($"'{file.Path}' holds tables of another program, and none of Switchboard's.", Refused<StorageUnusableException>(file));
    }

    [Fact]
    public async Task What_is_no_database_is_refused()
    {
        await using var file = new TestFile();
        await File.WriteAllTextAsync(file.Path, string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        Assert.Equal($"'{file.Path}' is no database of SQLite, or its beginning is damaged.", Refused<StorageDamagedException>(file));
    }

    /// <summary>A page in the middle that a crash has torn, of a file that was not closed.</summary>
    [Fact]
    public async Task A_damaged_page_is_found_after_a_crash()
    {
        await using var file = new TestFile();
        await using (var database = await file.OpenWithTableAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(i => database.AddAsync(i, new string('x', 200)))).DefaultTimeout();
        }

        await using (var bytes = new FileStream(file.Path, FileMode.Open))
        {
            bytes.Position = bytes.Length / 4096 / 2 * 4096;
            await bytes.WriteAsync(new byte[2000]);
        }

        // A log that is there says that nobody closed the file.
        await File.WriteAllBytesAsync(file.Path + "-wal", []);
        Assert.StartsWith($"'{file.Path}' is damaged (", Refused<StorageDamagedException>(file), StringComparison.Ordinal);
    }

    /// <summary>The check of a large file does not hold up the start for longer than its bound.</summary>
    [Fact]
    public async Task The_check_has_a_bound()
    {
        await using var file = new TestFile();
        await using (var database = await file.OpenWithTableAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, 6_000).Select(i => database.AddAsync(i, new byte[1_000]))).DefaultTimeout();
        }

        await using (var bytes = new FileStream(file.Path, FileMode.Open))
        {
            // Not the last one: of a tree the rightmost page is looked at first.
            bytes.Position = bytes.Length / 4096 / 2 * 4096;
            await bytes.WriteAsync(new byte[2000]);
        }

        await File.WriteAllBytesAsync(file.Path + "-wal", []);
        await using var opened = file.Open(static o => o with { CheckTime = TimeSpan.FromTicks(-1) });
    }

    [Fact]
    public async Task A_second_who_opens_it_is_refused_until_the_first_has_closed_it()
    {
        await using var file = new TestFile();
        await using (var first = await file.OpenWithTableAsync())
        {
            var error = Assert.Throws<StorageUnusableException>(() => file.Open());
            Assert.Equal($"'{file.Path}' is open in another process; each needs a file of its own.", error.Message);
            await first.AddAsync(1).DefaultTimeout();
        }

        await using var second = file.Open();
        Assert.Equal([1], await second.IdsAsync().DefaultTimeout());
    }

    [Fact]
    public async Task A_folder_that_cannot_be_is_named()
    {
        await using var file = new TestFile();
        var blocked = Path.Combine(file.Folder, "file");
        await File.WriteAllTextAsync(blocked, "");
        var path = Path.Combine(blocked, "data", "switchboard.db");
        var error = Assert.Throws<StorageUnusableException>(() => file.Open(o => o with { Path = path }));
        Assert.StartsWith($"'{path}' cannot be opened: ", error.Message, StringComparison.Ordinal);
    }

    // Its message. The file is the same, byte for byte, and the next who opens it finds no lock.
    private static string Refused<T>(TestFile file)
        where T : StorageUnavailableException
    {
        var before = SHA256.HashData(File.ReadAllBytes(file.Path));
        var first = Assert.Throws<T>(() => file.Open());
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(file.Path)));
        Assert.Equal(first.Message, Assert.Throws<T>(() => file.Open()).Message);
        return first.Message;
    }
}
