using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable;
using Switchboard.Core.Requests;
using Switchboard.Silo.Storage.Sqlite;
using Switchboard.Silo.Tests.Durable;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport;
using static Switchboard.Silo.Tests.Durable.LogCalls;

namespace Switchboard.Silo.Tests.Storage;

/// <summary>What the log of requests in a file adds to the contract: what is there after the process, and what shares a commit.</summary>
public sealed partial class SqliteRequestLogTests
{
    private const string Other = "tenant/press";

    /// <summary>Order, attempts, responses and counters are there again, and numbers go on where they were.</summary>
    [Fact]
    public async Task Opened_again_it_has_everything()
    {
        await using var file = new TestFile();
        List<ulong> ids = [];
        List<LoggedRequest> before = [];
        RequestLogCounts counts;
        await using (var database = file.Open())
        {
            var log = Log(database);
            for (var i = 0; i < 5; i++)
            {
                ids.Add(await log.AcceptAsync(New(i == 4 ? Other : Agent)));
            }

            await log.ClaimAsync(ids[1], 1, session: ulong.MaxValue, frontDoor: ushort.MaxValue);
            await log.AppendAsync(Chunk(ids[1], 1, 0, 1, 2), default);
            await log.ClaimAsync(ids[2], 1);
            await log.EndAsync(Answered(Chunk(ids[2], 1, 0, 3)), default);
            await log.ClaimAsync(ids[0], 1);
            await log.ReleaseAsync(ids[0], 1);
            foreach (var id in ids)
            {
                before.Add(await log.KnownAsync(id));
            }

            Assert.Equal((ulong.MaxValue, ushort.MaxValue), (before[1].Session, before[1].FrontDoor));
            counts = log.Counts;
            Assert.Equal((4L, 1L), (counts.Open, counts.Ended));
        }

        await using var again = file.Open();
        var reopened = Log(again);
        for (var i = 0; i < ids.Count; i++)
        {
            Assert.Equal(before[i], await reopened.KnownAsync(ids[i]));
        }

        Assert.Equal([ids[0], ids[3]], await reopened.QueuedAsync());
        var response = await reopened.ReadResponseAsync(ids[1], 0, 1000, default);
        Assert.Equal<byte>([1, 2], Assert.Single(response!.Chunks).ToArray());
        Assert.Equal(EndResult.Same, (await reopened.EndAsync(Answered(Chunk(ids[2], 1, 0, 3)), default)).Result);
        await Eventually.IsTrueAsync(() => reopened.Counts == counts, () => $"{reopened.Counts} for {counts}");
        var next = await reopened.AcceptAsync();
        Assert.Equal(5, (await reopened.KnownAsync(next)).Number);
        await again.AssertCountedAsync();
    }

    [Fact]
    public async Task Requests_accepted_at_once_share_a_commit()
    {
        await using var file = new TestFile();
        await using var database = file.Open();
        var log = Log(database);
        var before = file.Commits;
        Task<AcceptReply>[] accepts;
        await using (await database.HoldWriterAsync())
        {
            accepts = [.. Enumerable.Range(0, 256).Select(_ => log.AcceptAsync(New(), default))];
        }

        Assert.All(await Task.WhenAll(accepts).DefaultTimeout(), static reply => Assert.Equal(AcceptResult.Accepted, reply.Result));
        // The one that was held, and theirs.
        Assert.Equal(before + 2, file.Commits);
        var queued = await log.ReadQueuedAsync(Agent, 256, long.MaxValue, default);
        Assert.Equal(Enumerable.Range(1, 256).Select(static n => (long)n), queued.Requests.Select(static r => r.Request.Number));
        Assert.Equal(new RequestLogCounts(256, 0, 256 * DurableCost.OfOpen(3)), log.Counts);
        await database.AssertCountedAsync();
    }

    /// <summary>Nothing of what finds no room is kept, what was there is read and changed, and there is room again.</summary>
    [Fact]
    public async Task A_full_disk_is_told_and_survived()
    {
        await using var file = new TestFile();
        await using var database = file.Open();
        var log = Log(database);
        var (first, claimed) = (await log.AcceptAsync(New(payload: new byte[200_000])), await log.AcceptAsync());
        await log.ClaimAsync(claimed, 1);
        var counts = log.Counts;
        await database.LimitAsync(pages: 0);

        var refused = New(payload: new byte[100_000]);
        await Assert.ThrowsAsync<StorageFullException>(() => log.AcceptAsync(refused, default).DefaultTimeout());
        await Assert.ThrowsAsync<StorageFullException>(() => log.AppendAsync(Chunk(claimed, 1, 0, new byte[100_000]), default).DefaultTimeout());
        Assert.Null(await log.FindAsync(refused.Id, default));
        Assert.Equal(200_000, Assert.Single((await log.ReadQueuedAsync(Agent, 10, long.MaxValue, default)).Requests).Payload.Length);
        Assert.Equal(0, (await log.KnownAsync(claimed)).ResponseBytes);
        Assert.Equal(counts, log.Counts);
        await database.AssertCountedAsync();

        Assert.Equal(EndResult.Ended, (await log.EndAsync(Cancelled(first), default)).Result);
        await log.AcceptAsync(refused);
        Assert.Equal(3, (await log.KnownAsync(refused.Id)).Number);
        await database.AssertCountedAsync();
    }

    /// <summary>A commit that fails is an outcome that nobody knows, whatever it failed of; here it was not made.</summary>
    [Fact]
    public async Task A_commit_that_fails_is_told_as_unknown()
    {
        await using var file = new TestFile();
        await using var database = await file.OpenWithTableAsync();
        var log = Log(database);
        await log.AcceptAsync();
        await database.WriteAsync(
            static c => c.Execute("CREATE TABLE part (of INTEGER REFERENCES kept DEFERRABLE INITIALLY DEFERRED)"), CancellationToken.None).DefaultTimeout();
        var request = New();
        Task<AcceptReply> accept;
        Task<int> broken;
        await using (await database.HoldWriterAsync())
        {
            accept = log.AcceptAsync(request, default);
            broken = database.WriteAsync(static c => c.Execute("INSERT INTO part VALUES (7)"), CancellationToken.None);
        }

        await Assert.ThrowsAsync<StorageUnavailableException>(() => accept.DefaultTimeout());
        await Assert.ThrowsAsync<SqliteException>(() => broken.DefaultTimeout());
        Assert.Null(await log.FindAsync(request.Id, default));
        Assert.Equal(1, log.Counts.Open);
        await log.AcceptAsync(request);
        Assert.Equal((2L, 2L), ((await log.KnownAsync(request.Id)).Number, log.Counts.Open));
        await database.AssertCountedAsync();
    }

    /// <summary>A call that was cancelled before its turn has changed nothing; a closed file cannot be asked.</summary>
    [Fact]
    public async Task A_cancelled_call_leaves_nothing()
    {
        await using var file = new TestFile();
        var database = file.Open();
        var log = Log(database);
        var (id, request) = (await log.AcceptAsync(), New());
        using var stop = new CancellationTokenSource();
        await using (await database.HoldWriterAsync())
        {
            var accept = log.AcceptAsync(request, stop.Token);
            var claim = log.ClaimAsync([new(id, 1, 1, 1)], stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accept.DefaultTimeout());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim.DefaultTimeout());
        }

        await log.AcceptAsync(request);
        Assert.Equal((2L, 2L), ((await log.KnownAsync(request.Id)).Number, log.Counts.Open));
        Assert.Equal([id, request.Id], await log.QueuedAsync());
        await database.DisposeAsync();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => log.AcceptAsync(New(), default));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => log.FindAsync(id, default));
    }

    /// <summary>The counters follow every way that a request can go, and nothing is left of one that is forgotten.</summary>
    [Fact]
    public async Task What_is_counted_is_what_is_kept()
    {
        await using var file = new TestFile();
        await using var database = file.Open();
        var log = Log(database, o => o.Retention = TimeSpan.Zero);
        List<ulong> ids = [];
        for (var i = 0; i < 6; i++)
        {
            ids.Add(await log.AcceptAsync(New(i % 2 == 0 ? Agent : Other) with { TimeToLive = i == 5 ? TimeSpan.Zero : Hour }));
        }

        foreach (var id in ids.Take(4))
        {
            await log.ClaimAsync(id, 1);
            await log.AppendAsync(Chunk(id, 1, 0, new byte[500]), default);
            await log.AppendAsync(Chunk(id, 1, 1, new byte[500]), default);
            await database.AssertCountedAsync();
        }

        await log.ReleaseAsync(ids[0], 1);
        await database.AssertCountedAsync();
        await log.EndAsync(Answered(Chunk(ids[1], 1, 2, 1)), default);
        await database.AssertCountedAsync();
        await log.EndAsync(new RequestEnd { Id = ids[2], Attempt = 1, Verdict = Verdict.AgentFailed }, default);
        await database.AssertCountedAsync();
        await log.ReleaseHolderAsync(3, 10, default);
        await log.ExpireAsync(10, default);
        await database.AssertCountedAsync();
        foreach (var id in ids)
        {
            await log.EndAsync(Cancelled(id), default);
        }

        await database.AssertCountedAsync();
        Assert.Equal(6, await log.ForgetAsync(10, default));
        await database.AssertCountedAsync();
        Assert.Equal((default, 0L), (log.Counts, await database.RowsAsync()));
    }

    /// <summary>
    /// Wherever a crash has cut the file's log, what is there is what was accepted up to some moment, counted right; with all of it, all is there.
    /// </summary>
    [Fact]
    public async Task A_cut_file_holds_what_was_accepted_first()
    {
        const int Cuts = 24;
        await using var file = new TestFile();
        await file.Open().DisposeAsync();
        var ids = new List<ulong>();
        byte[] main;
        byte[] wal;
        var database = file.Open();
        await using (var beside = new SqliteConnection($"Data Source={file.Path};Pooling=False"))
        {
            // Not the last one to close, the database leaves the log as a crash would.
            await beside.OpenAsync();
            await using (var look = beside.CreateCommand())
            {
                look.CommandText = "SELECT count(*) FROM switchboard_request";
                await look.ExecuteScalarAsync();
            }

            await FillAsync(Log(database), ids, count: 20);
            await database.DisposeAsync();
            (main, wal) = (await File.ReadAllBytesAsync(file.Path), await File.ReadAllBytesAsync(file.Path + "-wal"));
        }

        var kept = new List<int>();
        for (var cut = 0; cut <= Cuts; cut++)
        {
            kept.Add(await ReadCutAsync(main, wal[..(int)((long)wal.Length * cut / Cuts)], ids));
        }

        Assert.Equal((0, ids.Count), (kept[0], kept[^1]));
        Assert.Equal(kept.Order(), kept);
        Assert.InRange(kept.Distinct().Count(), 5, ids.Count + 1);
    }

    /// <summary>Every statement finds its rows by an index: how long it takes depends on what it returns, and not on what is kept.</summary>
    [Fact]
    public async Task No_statement_reads_a_whole_table()
    {
        await using var file = new TestFile();
        await using var database = file.Open();
        var statements = typeof(RequestSql).GetFields(BindingFlags.Public | BindingFlags.Static);
        Assert.NotEmpty(statements);
        foreach (var statement in statements)
        {
            var sql = (string)statement.GetRawConstantValue()!;
            var plan = await database.PlanAsync(sql, ParameterPattern().Matches(sql).Select(static m => m.Value).Distinct());
            Assert.All(plan, step => Assert.False(
                step.StartsWith("SCAN switchboard", StringComparison.Ordinal) || step.StartsWith("SCAN r", StringComparison.Ordinal)
                    || step.Contains("TEMP B-TREE", StringComparison.Ordinal),
                $"{statement.Name}: {step}"));
            // An agent's ended requests may be many beside its open ones.
            Assert.True(
                statement.Name == nameof(RequestSql.List) || !plan.Exists(static step => step.Contains("by_agent", StringComparison.Ordinal)),
                $"{statement.Name}: {string.Join("; ", plan)}");
        }
    }

    private static async Task FillAsync(SqliteRequestLog log, List<ulong> ids, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var id = await log.AcceptAsync(New(i % 3 == 0 ? Other : Agent));
            ids.Add(id);
            if (i % 2 == 0)
            {
                await log.ClaimAsync(id, 1);
                await log.AppendAsync(Chunk(id, 1, 0, new byte[300]), default);
                await log.EndAsync(Answered(Chunk(id, 1, 1, new byte[300])), default);
            }
        }
    }

    private static async Task<int> ReadCutAsync(byte[] main, byte[] wal, List<ulong> ids)
    {
        await using var file = new TestFile();
        await File.WriteAllBytesAsync(file.Path, main);
        await File.WriteAllBytesAsync(file.Path + "-wal", wal);
        await using var database = file.Open();
        var log = Log(database);
        var there = new List<bool>();
        foreach (var id in ids)
        {
            there.Add(await log.FindAsync(id, default) is not null);
        }

        var kept = there.Count(static known => known);
        Assert.Equal(ids.Select((_, i) => i < kept), there);
        await database.AssertCountedAsync();
        await Eventually.IsTrueAsync(() => log.Counts is var c && c.Open + c.Ended == kept, () => $"{log.Counts} for {kept}");
        return kept;
    }

    private static SqliteRequestLog Log(SqliteDatabase database, Action<DurableOptions>? change = null)
    {
        var options = new DurableOptions();
        change?.Invoke(options);
        return new(new(database), options.Bounds(), options.Retention, TimeProvider.System);
    }

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex ParameterPattern();
}
