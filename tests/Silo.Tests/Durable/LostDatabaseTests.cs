using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable.PostgreSql;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;
using static Switchboard.Silo.Tests.Durable.LogCalls;
using AcceptResult = Switchboard.Abstractions.Durable.AcceptResult;

namespace Switchboard.Silo.Tests.Durable;

/// <summary>What the log on PostgreSQL says while the database, or the way to it, is lost.</summary>
public sealed class LostDatabaseTests(TestLogs logs) : IClassFixture<TestLogs>
{
    // A call's own bound is 5 s; the rest is for two busy cores.
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(10);

    /// <summary>A connection that is lost at the COMMIT: what was made is reported as accepted, and what was not is not.</summary>
    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_commit_is_read_back(bool made)
    {
        await using var proxy = new CommitProxy(await NewDatabase.MigratedAsync());
        var log = logs.OnDatabase(proxy.ConnectionString);
        await log.AcceptAsync();

        proxy.CutAtCommit(made);
        var request = New();
        if (made)
        {
            Assert.Equal(AcceptResult.Accepted, (await log.AcceptAsync(request, default).DefaultTimeout()).Result);
        }
        else
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => log.AcceptAsync(request, default)).DefaultTimeout();
        }

        Assert.Equal(made, await log.FindAsync(request.Id, default) is not null);
        await log.AcceptAsync();
        Assert.Equal(made ? 3 : 2, log.Counts.Open);
    }

    /// <summary>A COMMIT that the database gets only after the connection is lost is waited for before its requests are read back.</summary>
    [PostgreSqlFact]
    public async Task A_commit_that_is_on_its_way_is_waited_for()
    {
        var database = await NewDatabase.MigratedAsync();
        await using var proxy = new CommitProxy(database);
        var log = logs.OnDatabase(proxy.ConnectionString);
        await log.AcceptAsync();

        proxy.CutAtCommit(passes: true, () => Eventually.IsTrueAsync(
            async () => await PostgreSqlServer.ReadAsync<bool>(database, "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"),
            () => "nobody waits for the transaction's end"));
        Assert.Equal(AcceptResult.Accepted, (await log.AcceptAsync(New(), default).DefaultTimeout()).Result);
    }

    /// <summary>A claim whose COMMIT was lost is not known to be made, whatever became of it; its request says so when it is read.</summary>
    [PostgreSqlFact]
    public async Task A_lost_claim_is_unknown()
    {
        await using var proxy = new CommitProxy(await NewDatabase.MigratedAsync());
        var log = logs.OnDatabase(proxy.ConnectionString);
        var id = await log.AcceptAsync();
        proxy.CutAtCommit(passes: true);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => log.ClaimAsync(id, 1)).DefaultTimeout();
        await Eventually.IsTrueAsync(async () => (await log.KnownAsync(id)).State == LoggedState.Claimed, () => "not claimed");
    }

    /// <summary>While the database is gone or silent, every call ends within its bound; when it is back, the log goes on.</summary>
    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_database_that_is_away_is_unavailable(bool silent)
    {
        await using var proxy = new CommitProxy(await NewDatabase.MigratedAsync());
        var log = logs.OnDatabase(proxy.ConnectionString);
        var id = await log.AcceptAsync();
        if (silent)
        {
            proxy.GoSilent();
        }
        else
        {
            proxy.Close();
        }

        Task[] calls =
        [
            log.AcceptAsync(New(), default), log.FindAsync(id, default), log.ClaimAsync(id, 1), log.EndAsync(Cancelled(id), default), log.ExpireAsync(10, default),
            log.ReadQueuedAsync(Agent, 10, 10, default), log.ReadHoldersAsync(default),
        ];
        await Task.WhenAll(calls.Select(call => Assert.ThrowsAsync<StorageUnavailableException>(() => call.WaitAsync(_bound, TimeProvider.System))));

        proxy.Close();
        proxy.Open();
        await Eventually.IsTrueAsync(async () => await WorksAsync(), () => "it does not work again");

        async Task<bool> WorksAsync()
        {
            try
            {
                return (await log.AcceptAsync(New(), default)).Result == AcceptResult.Accepted && await log.FindAsync(id, default) is not null;
            }
            catch (StorageUnavailableException)
            {
                return false;
            }
        }
    }

    /// <summary>As much as may waits for a database that does not reply, and the next is refused at once.</summary>
    [PostgreSqlFact]
    public async Task What_waits_is_bounded()
    {
        await using var proxy = new CommitProxy(await NewDatabase.MigratedAsync());
        var log = logs.OnDatabase(proxy.ConnectionString);
        var id = await log.AcceptAsync();
        proxy.GoSilent();
        List<Task> waiting = [];
        while (!(waiting.Count > 0 && waiting[^1].IsFaulted))
        {
            waiting.Add(log.EndAsync(Cancelled(id), default));
            Assert.InRange(waiting.Count, 1, LogWriter.MaxWaiting + 2000);
        }

        Assert.InRange(waiting.Count, LogWriter.MaxWaiting, int.MaxValue);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => waiting[^1]);
        await Task.WhenAll(waiting.SkipLast(1).Select(call => Assert.ThrowsAsync<StorageUnavailableException>(() => call))).DefaultTimeout();
    }
}
