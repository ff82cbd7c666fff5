using System.Globalization;
using Npgsql;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Durable;
using Switchboard.Api.Durable.PostgreSql;
using Switchboard.Core.Requests;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;
using static Switchboard.Silo.Tests.Durable.LogCalls;
using AcceptResult = Switchboard.Abstractions.Durable.AcceptResult;

namespace Switchboard.Silo.Tests.Durable;

/// <summary>What holds of the log on PostgreSQL beside its contract: several processes on one database, and errors of single writes.</summary>
public sealed class PostgreSqlRequestLogTests(TestLogs logs) : IClassFixture<TestLogs>
{
    /// <summary>Whoever sees a number of an agent never finds a lower one that was not there before.</summary>
    [PostgreSqlFact]
    public async Task Numbers_rise_in_the_order_of_commits()
    {
        var (one, two, _) = await TwoAsync();
        var accepts = Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            for (var n = 0; n < 20; n++)
            {
                await (i % 2 == 0 ? one : two).AcceptAsync();
            }
        }));
        long[] seen;
        do
        {
            var page = await two.ListAsync(new RequestQuery(Agent, RequestFilter.All, 0, 1000), default);
            seen = [.. page.Requests.Select(r => r.Number)];
            Assert.Equal(Enumerable.Range(1, seen.Length).Select(n => (long)n), seen);
        }
        while (!accepts.IsCompleted);

        await accepts.DefaultTimeout();
        Assert.Equal(200, (await one.QueuedAsync(limit: 1000)).Count);
    }

    /// <summary>Of two processes that claim the same attempts in different orders each attempt has one, which is the one that is stored.</summary>
    [PostgreSqlFact]
    public async Task An_attempt_is_claimed_by_one_process()
    {
        var (one, two, _) = await TwoAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => one.AcceptAsync()));
        var claims = await Task.WhenAll(ids.SelectMany(id => new[] { one.ClaimAsync(id, 1, session: 1), two.ClaimAsync(id, 1, session: 2) })).DefaultTimeout();
        for (var i = 0; i < ids.Length; i++)
        {
            Assert.NotEqual(claims[2 * i], claims[(2 * i) + 1]);
            Assert.Equal(claims[2 * i] ? 1UL : 2UL, (await one.KnownAsync(ids[i])).Session);
        }

        var rest = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => one.AcceptAsync()));
        var both = await Task.WhenAll(
            one.ClaimAsync([.. rest.Select(id => new AttemptClaim(id, 1, 1, 1))], default),
            two.ClaimAsync([.. rest.Reverse().Select(id => new AttemptClaim(id, 1, 2, 2))], default)).DefaultTimeout();
        Assert.Equal(rest.Select((_, i) => !both[0][i]), both[1].Reverse());
    }

    /// <summary>Writes for many agents, from two processes and in different orders, wait for one another and never in a circle.</summary>
    [PostgreSqlFact]
    public async Task Writes_for_many_agents_do_not_deadlock()
    {
        var (one, two, database) = await TwoAsync();
        for (var round = 0; round < 5; round++)
        {
            var names = Enumerable.Range(0, 64).Select(i => $"default/a{i}").ToArray();
            await Task.WhenAll(
                Task.WhenAll(names.Select(name => RunAsync(one, name))),
                Task.WhenAll(names.Reverse().Select(name => RunAsync(two, name)))).DefaultTimeout();
        }

        await Eventually.IsTrueAsync(() => one.Counts.Ended == 640, () => $"{one.Counts}");
        Assert.Equal(640L, await PostgreSqlServer.ReadAsync<long>(database, "SELECT sum(kept)::bigint FROM switchboard_request_agent"));

        static async Task RunAsync(IRequestLog log, string agent)
        {
            var id = await log.AcceptAsync(New(agent));
            await log.ClaimAsync(id, 1);
            await log.ReleaseAsync(id, 1);
            await log.EndAsync(Cancelled(id), default);
        }
    }

    /// <summary>An id that two processes take at the same time is one's, and everything else that they accept with it is kept.</summary>
    [PostgreSqlFact]
    public async Task An_id_is_taken_by_one_process()
    {
        var (one, two, _) = await TwoAsync();
        for (var round = 0; round < 20; round++)
        {
            // Of two agents, whose locks do not keep the two processes apart.
            var request = New();
            var replies = await Task.WhenAll(
                one.AcceptAsync(request, default), two.AcceptAsync(request with { AgentKey = "default/other" }, default), one.AcceptAsync(New(), default)).DefaultTimeout();
            Assert.Equal([AcceptResult.Accepted, AcceptResult.DuplicateId], replies.Take(2).Select(r => r.Result).Order());
            Assert.Equal(AcceptResult.Accepted, replies[2].Result);
        }

        var all = await Task.WhenAll(new[] { Agent, "default/other" }.Select(agent => one.ListAsync(new RequestQuery(agent, RequestFilter.All, 0, 100), default)));
        Assert.Equal(40, all.Sum(page => page.Requests.Count));
        Assert.All(all, page => Assert.Equal(Enumerable.Range(1, page.Requests.Count), page.Requests.Select(r => (int)r.Number)));
    }

    /// <summary>The limit of an agent is exact, whichever process accepts.</summary>
    [PostgreSqlFact]
    public async Task The_limit_of_an_agent_holds_for_all_processes()
    {
        var (one, two, _) = await TwoAsync(new DurableOptions { MaxPerAgent = 10 });
        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? one : two).AcceptAsync(New(), default))).DefaultTimeout();
        Assert.Equal(10, replies.Count(r => r.Result == AcceptResult.Accepted));
        Assert.All(replies, r => Assert.True(r.Result == AcceptResult.Accepted || r.Refusal == new DurableRefusal(DurableLimit.AgentRequests, 10)));
    }

    /// <summary>What another process keeps counts too, once it is read again.</summary>
    [PostgreSqlFact]
    public async Task What_others_keep_is_counted()
    {
        var (one, two, _) = await TwoAsync();
        Assert.Equal(0, one.Counts.Open);
        await two.AcceptAsync();
        await Eventually.IsTrueAsync(() => one.Counts.Open == 1, () => $"{one.Counts}");
    }

    /// <summary>Requests that come while a transaction is under way are the next one.</summary>
    [PostgreSqlFact]
    public async Task Requests_share_commits()
    {
        var (log, _, database) = await TwoAsync();
        await Task.WhenAll(Enumerable.Range(0, 256).Select(i => log.AcceptAsync(New($"default/a{i % 20}")))).DefaultTimeout();
        var commits = await PostgreSqlServer.ReadAsync<long>(database, "SELECT count(DISTINCT xmin::text) FROM switchboard_request");
        Assert.InRange(commits, 1, 32);
    }

    /// <summary>A write that cannot be fails alone, and so does not the one with a text that no column takes.</summary>
    [PostgreSqlFact]
    public async Task A_write_fails_alone()
    {
        var (log, _, _) = await TwoAsync();
        var impossible = log.AcceptAsync(New() with { TimeToLive = TimeSpan.MaxValue }, default);
        var odd = log.AcceptAsync(New() with { Method = "a\0b\ud800c" });
        var usual = log.AcceptAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => impossible).DefaultTimeout();
        await usual.DefaultTimeout();
        Assert.Equal("a\ufffdb\ufffdc", (await log.KnownAsync(await odd)).Method);

        await log.ClaimAsync(await odd, 1);
        var headers = new[] { new HeaderLine { Name = "x", Value = "a\0b" } };
        await log.EndAsync(Answered(Chunk(await odd, 1, 0, 1) with { Head = new(200, headers) }) with { Detail = "\0" }, default);
        var page = await log.ReadResponseAsync(await odd, 0, 10, default);
        Assert.Equal(("a\0b", "\ufffd"), (Assert.Single(page!.Headers).Value, page.Request.Detail));
    }

    /// <summary>A part of a response that is sent again, as its outcome was unknown, is kept once.</summary>
    [PostgreSqlFact]
    public async Task A_part_that_comes_again_is_kept_once()
    {
        var (log, _, _) = await TwoAsync();
        var id = await log.AcceptAsync();
        await log.ClaimAsync(id, 1);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(AppendResult.Appended, await log.AppendAsync(Chunk(id, 1, 0), default));
            Assert.Equal(AppendResult.Appended, await log.AppendAsync(Chunk(id, 1, 1, 4), default));
        }

        var page = await log.ReadResponseAsync(id, 0, 10, default);
        Assert.Equal<byte>([4], Assert.Single(page!.Chunks).ToArray());
        Assert.Equal(1, page.Request.ResponseBytes);
    }

    /// <summary>Nothing is left of an agent of which nothing is kept, nor of one whose request was refused.</summary>
    [PostgreSqlFact]
    public async Task Nothing_is_left_of_an_agent()
    {
        var (log, _, database) = await TwoAsync(new DurableOptions { MaxPerTenant = 1, Retention = TimeSpan.Zero });
        var id = await log.AcceptAsync();
        Assert.Equal(AcceptResult.Refused, (await log.AcceptAsync(New("default/other"), default)).Result);
        Assert.Equal(1L, await RowsAsync());

        await log.ClaimAsync(id, 1);
        await log.EndAsync(Answered(Chunk(id, 1, 0, 5)), default);
        Assert.Equal(1, await log.ForgetAsync(10, default));
        Assert.Equal(0L, await RowsAsync());
        Assert.Equal(0L, await PostgreSqlServer.ReadAsync<long>(database, "SELECT count(*) FROM switchboard_response_chunk"));

        Task<long> RowsAsync() => PostgreSqlServer.ReadAsync<long>(database, "SELECT count(*) FROM switchboard_request_agent");
    }

    /// <summary>Every read goes over the index that is meant for it.</summary>
    [PostgreSqlFact]
    public async Task Reads_use_their_indexes()
    {
        await using var database = NpgsqlDataSource.Create(await NewDatabase.MigratedAsync());
        await using var connection = await database.OpenConnectionAsync();
        await using var set = new NpgsqlCommand("SET enable_seqscan = off; SET enable_bitmapscan = off", connection);
        await set.ExecuteNonQueryAsync();
        foreach (var (sql, index, values) in new (string, string, object[])[]
        {
            (LogQueries.Find, "request_pkey", [1L]),
            (LogQueries.Queued, "request_queued", [Agent, 11L, 1000L]),
            (LogQueries.NextDue, "request_waiting", [Agent]),
            (LogQueries.Claimed, "request_claimed", [Agent, 10]),
            (LogQueries.Response, "response_chunk_pkey", [1L, 0, 1000L]),
            (LogQueries.Due, "request_open", [0L, 10]),
            (LogQueries.Forgettable, "request_ended", [0L, 10]),
            (LogQueries.WaitingAgents, "request_waiting", ["", 10]),
            (LogQueries.Holders, "request_held", []),
            (LogQueries.HeldBy, "request_held", [3, 10]),
            (LogQueries.List(RequestFilter.All), "request_of_agent", [Agent, 0L, 10L]),
            (LogQueries.List(RequestFilter.Queued), "request_queued", [Agent, 0L, 10L]),
            (LogQueries.List(RequestFilter.Sent), "request_claimed", [Agent, 0L, 10L]),
            (LogQueries.List(RequestFilter.Failed), "request_of_agent", [Agent, 0L, 10L]),
        })
        {
            var plan = await PlanAsync(connection, sql, values);
            Assert.Contains($"switchboard_{index} on", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
        }
    }

    private static async Task<string> PlanAsync(NpgsqlConnection connection, string sql, object[] values)
    {
        await using var batch = connection.CreateBatch(string.Create(CultureInfo.InvariantCulture, $"EXPLAIN {sql}"), values);
        await using var rows = await batch.ExecuteReaderAsync();
        List<string> lines = [];
        while (await rows.ReadAsync())
        {
            lines.Add(rows.GetString(0));
        }

        return string.Join('\n', lines);
    }

    private async Task<(IRequestLog One, IRequestLog Two, string Database)> TwoAsync(DurableOptions? options = null)
    {
        var database = await NewDatabase.MigratedAsync();
        return (logs.OnDatabase(database, options), logs.OnDatabase(database, options), database);
    }
}
