using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Silo.Storage.Sqlite;
using Switchboard.TestSupport;

namespace Switchboard.Silo.Tests.Harness;

/// <summary>A folder for one test's file, and the database in it.</summary>
internal sealed class TestFile : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("switchboard-test-");
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricCollector<long> _commits;

    public TestFile() => _commits = new(Meters, MetricNames.Meter, MetricNames.StorageCommits);

    public string Folder => _folder.FullName;

    public string Path => System.IO.Path.Combine(Folder, "switchboard.db");

    /// <summary>The length of its log.</summary>
    public long LogBytes => new FileInfo(Path + "-wal") is { Exists: true } log ? log.Length : 0;

    /// <summary>How many transactions the disk has confirmed.</summary>
    public long Commits => _commits.GetMeasurementSnapshot().Sum(static m => m.Value);

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public SqliteDatabase Open(Func<SqliteDatabaseOptions, SqliteDatabaseOptions>? change = null)
    {
        var options = new SqliteDatabaseOptions { Path = Path };
        return SqliteDatabase.Open(change?.Invoke(options) ?? options, Meters, TimeProvider.System);
    }

    /// <summary>One with a table <c>kept(id, text)</c>.</summary>
    public async Task<SqliteDatabase> OpenWithTableAsync(Func<SqliteDatabaseOptions, SqliteDatabaseOptions>? change = null)
    {
        var database = Open(change);
        await database.WriteAsync(static c => c.Execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text)"), CancellationToken.None).DefaultTimeout();
        return database;
    }

    /// <summary>Changes the closed file behind the program's back.</summary>
    public void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        _commits.Dispose();
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>Work for tests of the database.</summary>
internal static class TestWork
{
    public static Task<int> AddAsync(this SqliteDatabase database, int id, object? text = null) =>
        database.WriteAsync(c => c.Execute("INSERT INTO kept VALUES ($id, $text)", ("$id", id), ("$text", text)), CancellationToken.None);

    public static Task<List<long>> IdsAsync(this SqliteDatabase database) => database.ReadAsync(
        static c =>
        {
            List<long> ids = [];
            using var rows = c.Statement("SELECT id FROM kept ORDER BY id").ExecuteReader();
            while (rows.Read())
            {
                ids.Add(rows.GetInt64(0));
            }

            return ids;
        },
        CancellationToken.None);

    /// <summary>Keeps the writer's thread, in a transaction, until it is disposed of.</summary>
    public static async Task<HeldThread> HoldWriterAsync(this SqliteDatabase database) =>
        await HeldThread.StartAsync(work => database.WriteAsync(work, CancellationToken.None));

    /// <summary>Keeps one reader's thread, with the state of the file that it sees, until it is disposed of.</summary>
    public static async Task<HeldThread> HoldReaderAsync(this SqliteDatabase database) => await HeldThread.StartAsync(work => database.ReadAsync(
        c =>
        {
            c.Statement("SELECT count(*) FROM sqlite_schema").ExecuteScalar();
            return work(c);
        },
        CancellationToken.None));
}

/// <summary>A thread of the database that a test holds.</summary>
internal sealed class HeldThread : IAsyncDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private Task<bool> _work = null!;

    public static async Task<HeldThread> StartAsync(Func<Func<SqliteConnection, bool>, Task<bool>> start)
    {
        var held = new HeldThread();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        held._work = start(_ =>
        {
            begun.SetResult();
            return held._release.Wait(TestTimeouts.Default);
        });
        await begun.Task.DefaultTimeout();
        return held;
    }

    public async ValueTask DisposeAsync()
    {
        _release.Set();
        Assert.True(await _work.DefaultTimeout());
        _release.Dispose();
    }
}
