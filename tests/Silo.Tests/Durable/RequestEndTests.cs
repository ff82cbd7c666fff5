using Switchboard.Abstractions.Durable;
using Switchboard.Api.Startup;
using Switchboard.Core.Requests;
using Switchboard.TestSupport.Servers;
using static Switchboard.Silo.Tests.Durable.LogCalls;

namespace Switchboard.Silo.Tests.Durable;

/// <summary>What durable delivery relies on in the log of requests, whichever storage it is on: responses, ends and lists.</summary>
public sealed class RequestEndTests(TestLogs logs) : IClassFixture<TestLogs>
{
    /// <summary>A response is read while it comes in, in parts, and whole once it has ended.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task A_response_is_kept_in_parts(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var id = await log.AcceptAsync();
        await log.ClaimAsync(id, 1);
        Assert.Equal(AppendResult.Appended, await log.AppendAsync(Chunk(id, 1, 0, 1, 2), default));
        Assert.Equal(AppendResult.Appended, await log.AppendAsync(Chunk(id, 1, 1, 3), default));

        var coming = await log.ReadResponseAsync(id, 0, 1000, default);
        Assert.Equal((201, 3L, LoggedState.Claimed), (coming!.Request.Status, coming.Request.ResponseBytes, coming.Request.State));
        Assert.Equal(["x-a: 1", "x-a: ä"], coming.Headers.Select(h => $"{h.Name}: {h.Value}"));
        Assert.Equal<byte>([1, 2, 3], coming.Chunks.SelectMany(c => c.ToArray()));
        Assert.Equal(RequestState.Answering, coming.Request.ToReport().State);

        var reply = await log.EndAsync(Answered(Chunk(id, 1, 2, 4, 5)), default);
        Assert.Equal((EndResult.Ended, Verdict.Answered, 5L, (ushort)3),
            (reply.Result, reply.Ended!.Request.Verdict, reply.Ended.Request.ResponseBytes, reply.Ended.Holder));
        var page = await log.ReadResponseAsync(id, 1, 1, default);
        Assert.Equal<byte>([3], Assert.Single(page!.Chunks).ToArray());
        page = await log.ReadResponseAsync(id, 2, 1000, default);
        Assert.Equal<byte>([4, 5], Assert.Single(page!.Chunks).ToArray());
        Assert.Empty((await log.ReadResponseAsync(id, 3, 1000, default))!.Chunks);
        Assert.Equal(reply.Ended.Request, await log.KnownAsync(id));
        Assert.Null(await log.ReadResponseAsync(id + 1_000_000, 0, 1, default));
    }

    /// <summary>A response of one message is one write, an empty one too.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task A_response_is_kept_with_the_end(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var (one, none) = (await log.AcceptAsync(), await log.AcceptAsync());
        await log.ClaimAsync(one, 1);
        await log.ClaimAsync(none, 1);
        await log.EndAsync(Answered(Chunk(one, 1, 0, 8)), default);
        await log.EndAsync(Answered(Chunk(none, 1, 0)), default);

        var page = await log.ReadResponseAsync(one, 0, 1000, default);
        Assert.Equal((201, 2), (page!.Request.Status, page.Headers.Count));
        Assert.Equal<byte>([8], Assert.Single(page.Chunks).ToArray());
        page = await log.ReadResponseAsync(none, 0, 1000, default);
        Assert.Equal((201, 2, 0), (page!.Request.Status, page.Headers.Count, page.Chunks.Count));
        Assert.True(page.Request.Sent);
    }

    /// <summary>A request ends once: the same response again is known as the same, and everything else is refused.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task A_request_ends_once(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var id = await log.AcceptAsync();
        await log.ClaimAsync(id, 1);
        Assert.Equal(EndResult.Refused, (await log.EndAsync(Answered(Chunk(id, 2, 0, 1)), default)).Result);

        var both = await Task.WhenAll(log.EndAsync(Answered(Chunk(id, 1, 0, 1)), default), log.EndAsync(Cancelled(id), default));
        Assert.Single(both, r => r.Result == EndResult.Ended);
        Assert.Single(both, r => r.Result == EndResult.Refused);
        var answered = both[0].Result == EndResult.Ended;
        Assert.Equal(answered ? EndResult.Same : EndResult.Refused, (await log.EndAsync(Answered(Chunk(id, 1, 0, 1)), default)).Result);
        Assert.Equal(EndResult.Refused, (await log.EndAsync(Answered(Chunk(id, 1, 0, 1), hash: 8), default)).Result);
        Assert.Equal(EndResult.NotFound, (await log.EndAsync(Cancelled(id + 1_000_000), default)).Result);
        Assert.False(await log.ReleaseAsync(id, 1));
        Assert.Equal(AppendResult.NotCurrent, await log.AppendAsync(Chunk(id, 1, 1, 1), default));
        Assert.Empty(await log.ReadHoldersAsync(default));
    }

    /// <summary>A request that is cancelled names the front door that has it, and counts as sent.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task Cancelled_names_its_holder(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var (queued, claimed) = (await log.AcceptAsync(), await log.AcceptAsync());
        await log.ClaimAsync(claimed, 1, session: 9, frontDoor: 6);

        var one = (await log.EndAsync(Cancelled(queued), default)).Ended!;
        Assert.Equal((0, false, "cancelled"), (one.Holder, one.Request.Sent, one.Request.Detail));
        var two = (await log.EndAsync(Cancelled(claimed), default)).Ended!;
        Assert.Equal((6, true, 9UL), (two.Holder, two.Request.Sent, two.Request.Session));
        Assert.Empty(await log.QueuedAsync());
    }

    /// <summary>What was kept of a response is gone with its attempt, and with any other end.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task A_broken_response_is_dropped(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var id = await log.AcceptAsync();
        var before = log.Counts.Bytes;
        await log.ClaimAsync(id, 1);
        await log.AppendAsync(Chunk(id, 1, 0, 1, 2), default);
        await log.ReleaseAsync(id, 1);
        Assert.Equal(AppendResult.NotCurrent, await log.AppendAsync(Chunk(id, 1, 1, 3), default));
        Assert.Equal((null, null, 0L), await ShownAsync());

        await log.ClaimAsync(id, 2);
        await log.AppendAsync(Chunk(id, 2, 0, 7), default);
        var again = await log.ReadResponseAsync(id, 0, 1000, default);
        Assert.Equal<byte>([7], Assert.Single(again!.Chunks).ToArray());
        await log.EndAsync(new RequestEnd { Id = id, Attempt = 2, Verdict = Verdict.AgentFailed, Sent = true, Detail = "no" }, default);
        Assert.Equal((null, null, 0L), await ShownAsync());
        Assert.True(log.Counts.Bytes <= before);

        async Task<(int? Status, DateTimeOffset? First, long Bytes)> ShownAsync()
        {
            var page = await log.ReadResponseAsync(id, 0, 1000, default);
            Assert.Empty(page!.Chunks);
            return (page.Request.Status, page.Request.FirstMessageAt, page.Request.ResponseBytes);
        }
    }

    /// <summary>A response that finds no room is not kept, in parts or with the end.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task A_response_needs_room(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider, o => o.MaxBytes = DurableCost.OfOpen(3) + 1000);
        var id = await log.AcceptAsync();
        await log.ClaimAsync(id, 1);
        Assert.Equal(AppendResult.NoRoom, await log.AppendAsync(Chunk(id, 1, 0, new byte[1000]), default));
        Assert.Equal(EndResult.NoRoom, (await log.EndAsync(Answered(Chunk(id, 1, 0, new byte[1000])), default)).Result);
        Assert.Equal((LoggedState.Claimed, 0L), ((await log.KnownAsync(id)).State, (await log.KnownAsync(id)).ResponseBytes));
        Assert.Equal(EndResult.Ended, (await log.EndAsync(Answered(Chunk(id, 1, 0, new byte[100])), default)).Result);
    }

    /// <summary>What has ended is forgotten when its time is over, its response too, and what is open is not.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task What_has_ended_is_forgotten(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider, o => o.Retention = TimeSpan.Zero);
        var open = await log.AcceptAsync();
        List<ulong> ended = [];
        for (var i = 0; i < 3; i++)
        {
            var id = await log.AcceptAsync();
            ended.Add(id);
            await log.ClaimAsync(id, 1);
            await log.EndAsync(Answered(Chunk(id, 1, 0, 5)), default);
        }

        Assert.Equal(2, await log.ForgetAsync(2, default));
        Assert.Equal(1, await log.ForgetAsync(2, default));
        foreach (var id in ended)
        {
            Assert.Null(await log.FindAsync(id, default));
        }

        Assert.Equal([open], await log.QueuedAsync());
        Assert.Equal(new RequestLogCounts(1, 0, DurableCost.OfOpen(3)), log.Counts);

        var kept = await logs.OpenAsync(provider);
        await kept.EndAsync(Cancelled(await kept.AcceptAsync()), default);
        Assert.Equal(0, await kept.ForgetAsync(10, default));
    }

    /// <summary>Requests of an agent are listed by state, in pages that stay right while requests end.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task Requests_are_listed(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        await log.AcceptAsync(New("default/other"));
        List<ulong> ids = [];
        for (var i = 0; i < 6; i++)
        {
            ids.Add(await log.AcceptAsync(New() with { TimeToLive = i == 3 ? TimeSpan.Zero : Hour }));
        }

        await log.ClaimAsync(ids[1], 1);
        await log.ClaimAsync(ids[2], 1);
        await log.EndAsync(Answered(Chunk(ids[2], 1, 0, 5)), default);
        await log.ExpireAsync(10, default);
        await log.EndAsync(Cancelled(ids[4]), default);
        await log.ClaimAsync(ids[5], 1);
        await log.EndAsync(new RequestEnd { Id = ids[5], Attempt = 1, Verdict = Verdict.AgentFailed }, default);

        var first = await log.ListAsync(new RequestQuery(Agent, RequestFilter.All, 0, 4), default);
        Assert.Equal(ids.Take(4), first.Requests.Select(r => r.Id));
        var rest = await log.ListAsync(new RequestQuery(Agent, RequestFilter.All, first.Next!.Value, 4), default);
        Assert.Equal(ids.Skip(4), rest.Requests.Select(r => r.Id));
        Assert.Null(rest.Next);
        foreach (var (filter, index) in new[]
        {
            (RequestFilter.Queued, 0), (RequestFilter.Sent, 1), (RequestFilter.Answered, 2), (RequestFilter.Expired, 3), (RequestFilter.Cancelled, 4),
            (RequestFilter.Failed, 5),
        })
        {
            var page = await log.ListAsync(new RequestQuery(Agent, filter, 0, 1), default);
            Assert.Equal((ids[index], null), (Assert.Single(page.Requests).Id, page.Next));
        }

        Assert.Empty((await log.ListAsync(new RequestQuery("default/nobody", RequestFilter.All, 0, 4), default)).Requests);
    }
}
