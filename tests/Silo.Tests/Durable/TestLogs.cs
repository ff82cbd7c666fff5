using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Durable;
using Switchboard.Api.Durable.Logs;
using Switchboard.Api.Durable.PostgreSql;
using Switchboard.Api.Startup;
using Switchboard.Core.Requests;
using Switchboard.Silo.Storage.Sqlite;
using Switchboard.Silo.Tests.Harness;
using AcceptResult = Switchboard.Abstractions.Durable.AcceptResult;

namespace Switchboard.Silo.Tests.Durable;

/// <summary>Makes a new and empty log of durable requests on each storage.</summary>
public sealed class TestLogs : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _owned = [];

    /// <summary>The storages that there are.</summary>
    public static TheoryData<StorageProvider> Storages { get; } =
    [
        StorageProvider.Memory,
        StorageProvider.Sqlite,
        StorageProvider.PostgreSql,
    ];

    /// <summary>Makes one.</summary>
    internal async Task<IRequestLog> OpenAsync(StorageProvider provider, Action<DurableOptions>? change = null)
    {
        var options = new DurableOptions();
        change?.Invoke(options);
        return provider switch
        {
            StorageProvider.Memory => new MemoryRequestLog(options.Bounds(), options.Retention, TimeProvider.System),
            StorageProvider.Sqlite => new SqliteRequestLog(new(OpenFile()), options.Bounds(), options.Retention, TimeProvider.System),
            StorageProvider.PostgreSql => OnDatabase(await NewDatabase.MigratedAsync(), options),
            _ => throw new ArgumentOutOfRangeException(nameof(provider)),
        };
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // The last opened first: a database is in a file's folder.
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }
    }

    private SqliteDatabase OpenFile()
    {
        var file = new TestFile();
        _owned.Add(file);
        var database = file.Open();
        _owned.Add(database);
        return database;
    }

    /// <summary>Makes one more on a database: another process's.</summary>
    internal PostgreSqlRequestLog OnDatabase(string connectionString, DurableOptions? options = null)
    {
        options ??= new DurableOptions();
        var database = NpgsqlDataSource.Create(connectionString);
        var log = new PostgreSqlRequestLog(database, options.Bounds(), options.Retention, TimeProvider.System, NullLogger<PostgreSqlRequestLog>.Instance);
        _owned.AddRange([database, log]);
        return log;
    }
}

/// <summary>Requests for tests of the log.</summary>
internal static class LogCalls
{
    public const string Agent = "default/pump";

    private static long _ids;

    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static NewRequest New(string agent = Agent, byte[]? payload = null) => new()
    {
        Id = (ulong)Interlocked.Increment(ref _ids),
        AgentKey = agent,
        Method = "say",
        AcceptedAt = DateTimeOffset.UnixEpoch.AddDays(20_000),
        TimeToLive = Hour,
        FirstMessage = TimeSpan.FromSeconds(7),
        RequestBytes = 5,
        Payload = payload ?? [1, 2, 3],
        Watched = true,
    };

    /// <summary>Keeps a request, which must succeed, and returns its id.</summary>
    public static async Task<ulong> AcceptAsync(this IRequestLog log, NewRequest? request = null)
    {
        request ??= New();
        Assert.Equal(AcceptResult.Accepted, (await log.AcceptAsync(request, default)).Result);
        return request.Id;
    }

    /// <summary>Claims one attempt.</summary>
    public static async Task<bool> ClaimAsync(this IRequestLog log, ulong id, uint attempt, ulong session = 77, ushort frontDoor = 3) =>
        Assert.Single(await log.ClaimAsync([new(id, attempt, session, frontDoor)], default));

    /// <summary>Gives one attempt up.</summary>
    public static async Task<bool> ReleaseAsync(this IRequestLog log, ulong id, uint attempt, bool sent = true, TimeSpan retryIn = default) =>
        Assert.Single(await log.ReleaseAsync([new(id, attempt, sent, retryIn)], default));

    public static ResponseChunk Chunk(ulong id, uint attempt, int index, params byte[] body) => new()
    {
        Id = id,
        Attempt = attempt,
        Index = index,
        Head = index == 0 ? new(201, [new HeaderLine { Name = "x-a", Value = "1" }, new HeaderLine { Name = "x-a", Value = "ä" }]) : null,
        Body = body,
    };

    public static RequestEnd Answered(ResponseChunk last, byte hash = 9) =>
        new() { Id = last.Id, Attempt = last.Attempt, Verdict = Verdict.Answered, Sent = true, Last = last, Hash = new[] { hash } };

    public static RequestEnd Cancelled(ulong id) => new() { Id = id, Verdict = Verdict.CallerCancelled, Detail = "cancelled" };

    public static async Task<LoggedRequest> KnownAsync(this IRequestLog log, ulong id)
    {
        var found = await log.FindAsync(id, default);
        Assert.NotNull(found);
        return found;
    }

    /// <summary>The ids of the queued requests that are due.</summary>
    public static async Task<List<ulong>> QueuedAsync(this IRequestLog log, string agent = Agent, int limit = 100) =>
        [.. (await log.ReadQueuedAsync(agent, limit, long.MaxValue, default)).Requests.Select(queued => queued.Request.Id)];
}
