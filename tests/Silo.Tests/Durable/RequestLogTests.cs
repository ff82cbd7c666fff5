using Switchboard.Abstractions.Durable;
using Switchboard.Api.Startup;
using Switchboard.Core.Requests;
using Switchboard.TestSupport.Servers;
using static Switchboard.Silo.Tests.Durable.LogCalls;

namespace Switchboard.Silo.Tests.Durable;

/// <summary>What durable delivery relies on in the log of requests, whichever storage it is on: acceptance, attempts and times.</summary>
public sealed class RequestLogTests(TestLogs logs) : IClassFixture<TestLogs>
{
    /// <summary>Every field of an accepted request is read back, and nobody has sent it.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task What_is_accepted_is_read(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var request = New();
        await log.AcceptAsync(request);

        var queued = Assert.Single((await log.ReadQueuedAsync(Agent, 10, 1000, default)).Requests);
        Assert.Equal([1, 2, 3], queued.Payload.ToArray());
        var kept = await log.KnownAsync(request.Id);
        Assert.Equal(queued.Request, kept);
        Assert.Equal(
            (Agent, 1L, "say", LoggedState.Queued, 0U, request.AcceptedAt, request.FirstMessage, 5L, true),
            (kept.AgentKey, kept.Number, kept.Method, kept.State, kept.Attempt, kept.AcceptedAt, kept.FirstMessage, kept.RequestBytes, kept.Watched));
        Assert.Equal((null, false, null, null, ""), (kept.Verdict, kept.Sent, kept.Status, kept.EndedAt, kept.Detail));
        Assert.InRange(kept.ExpiresAt - kept.DueAt, Hour, Hour);
        Assert.Null(await log.FindAsync(request.Id + 1_000_000, default));
    }

    /// <summary>A second request of the same id is refused, and the first is untouched.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task An_id_is_taken_once(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var request = New();
        await log.AcceptAsync(request);
        Assert.Equal(AcceptResult.DuplicateId, (await log.AcceptAsync(request with { Method = "other" }, default)).Result);
        Assert.Equal("say", (await log.KnownAsync(request.Id)).Method);
        Assert.Equal(1, log.Counts.Open);
    }

    /// <summary>Requests accepted at once have different numbers, and are read in their order, each agent's apart.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task Numbers_of_an_agent_rise(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => log.AcceptAsync(New(i % 2 == 0 ? Agent : "default/other"))));

        var queued = await log.ReadQueuedAsync(Agent, 100, long.MaxValue, default);
        Assert.Equal(Enumerable.Range(1, 25).Select(n => (long)n), queued.Requests.Select(r => r.Request.Number));
        Assert.False(queued.More);
        Assert.Equal(25, (await log.QueuedAsync("default/other")).Count);
    }

    /// <summary>No more than asked for is read, by number and by bytes, and at least one.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task Reads_are_bounded(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        for (var i = 0; i < 3; i++)
        {
            await log.AcceptAsync(New(payload: new byte[100]));
        }

        var two = await log.ReadQueuedAsync(Agent, 2, long.MaxValue, default);
        Assert.Equal((2, true), (two.Requests.Count, two.More));
        var large = await log.ReadQueuedAsync(Agent, 10, 99, default);
        Assert.Equal((1, true), (large.Requests.Count, large.More));
        var all = await log.ReadQueuedAsync(Agent, 3, 300, default);
        Assert.Equal((3, false), (all.Requests.Count, all.More));
    }

    /// <summary>Of two front doors that claim one attempt, one does; nobody claims an attempt that is not the next.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task An_attempt_is_claimed_once(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var (id, other) = (await log.AcceptAsync(), await log.AcceptAsync());
        Assert.False(await log.ClaimAsync(id, 2));
        var both = await Task.WhenAll(log.ClaimAsync(id, 1, session: 10, frontDoor: 1), log.ClaimAsync(id, 1, session: 20, frontDoor: 2));
        Assert.Single(both, true);
        Assert.Equal([false, true], await log.ClaimAsync([new(id, 1, 5, 5), new(other, 1, 5, 5)], default));

        var claimed = await log.KnownAsync(id);
        Assert.Equal((LoggedState.Claimed, 1U), (claimed.State, claimed.Attempt));
        Assert.Equal(both[0] ? (10UL, (ushort)1) : (20UL, (ushort)2), (claimed.Session, claimed.FrontDoor));
        Assert.NotNull(claimed.SentAt);
        Assert.Empty(await log.QueuedAsync());
        Assert.Equal([id, other], (await log.ReadClaimedAsync(Agent, 10, default)).Select(r => r.Id));
        Assert.Equal(claimed.FrontDoor == 1 ? [1, 5] : [2, 5], (await log.ReadHoldersAsync(default)).Order().Select(n => (int)n));
    }

    /// <summary>A released attempt's request is queued again at its old place, and its next attempt has the next number.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task A_released_request_keeps_its_place(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var (first, second) = (await log.AcceptAsync(), await log.AcceptAsync());
        await log.ClaimAsync(first, 1);
        Assert.False(await log.ReleaseAsync(first, 2));
        Assert.False(await log.ReleaseAsync(second, 0));
        Assert.True(await log.ReleaseAsync(first, 1, sent: false));
        Assert.False((await log.KnownAsync(first)).Sent);

        Assert.Equal([first, second], await log.QueuedAsync());
        Assert.True(await log.ClaimAsync(first, 2));
        Assert.True(await log.ReleaseAsync(first, 2, sent: true));
        Assert.True(await log.ClaimAsync(first, 3));
        Assert.True(await log.ReleaseAsync(first, 3, sent: false));
        Assert.Equal((true, 3U), ((await log.KnownAsync(first)).Sent, (await log.KnownAsync(first)).Attempt));
        Assert.Empty(await log.ReadHoldersAsync(default));
    }

    /// <summary>A request whose next attempt is not due yet is not read, and the time until then is.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task An_attempt_that_is_not_due_waits(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var (first, second) = (await log.AcceptAsync(), await log.AcceptAsync());
        await log.ClaimAsync(first, 1);
        await log.ReleaseAsync(first, 1, retryIn: TimeSpan.FromMinutes(10));

        var queued = await log.ReadQueuedAsync(Agent, 10, 1000, default);
        Assert.Equal([second], queued.Requests.Select(r => r.Request.Id));
        Assert.InRange(queued.NextIn!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
    }

    /// <summary>The attempts of a front door that is gone are released, as sent, and those of others are not.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task Attempts_of_a_lost_front_door_are_released(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var (one, two, three, kept) = (await log.AcceptAsync(), await log.AcceptAsync(), await log.AcceptAsync(New("default/other")), await log.AcceptAsync());
        foreach (var id in new[] { one, two, three })
        {
            await log.ClaimAsync(id, 1, frontDoor: 4);
        }

        await log.ClaimAsync(kept, 1, frontDoor: 5);
        List<string> agents = [];
        while (await log.ReleaseHolderAsync(4, 2, default) is { Count: > 0 } some)
        {
            agents.AddRange(some);
        }

        Assert.Equal([Agent, "default/other"], agents.Distinct().Order(StringComparer.Ordinal).Reverse());
        Assert.Equal([one, two], await log.QueuedAsync());
        Assert.True((await log.KnownAsync(three)).Sent);
        Assert.Equal(LoggedState.Claimed, (await log.KnownAsync(kept)).State);
        Assert.Equal([5], (await log.ReadHoldersAsync(default)).Select(n => (int)n));
    }

    /// <summary>Requests whose time is over end as expired, claimed ones too, and nobody claims them; others go on.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task What_is_over_expires(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        var kept = await log.AcceptAsync();
        var over = await log.AcceptAsync(New() with { TimeToLive = TimeSpan.Zero });
        Assert.False(await log.ClaimAsync(over, 1));
        Assert.Equal([kept], await log.QueuedAsync());
        Assert.Equal([over], (await log.ReadDueAsync(TimeSpan.FromMinutes(1), 10, default)).Select(d => d.Id));
        Assert.Equal([over, kept], (await log.ReadDueAsync(2 * Hour, 10, default)).Select(d => d.Id));

        var ended = Assert.Single(await log.ExpireAsync(10, default));
        Assert.Equal((over, Verdict.Expired, (ushort)0, false), (ended.Request.Id, ended.Request.Verdict!.Value, ended.Holder, ended.Request.Sent));
        Assert.Empty(await log.ExpireAsync(10, default));
        Assert.Equal(LoggedState.Queued, (await log.KnownAsync(kept)).State);
    }

    /// <summary>Agents with queued requests are listed in pages.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task Agents_that_wait_are_listed(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider);
        foreach (var name in (string[])["default/b", "default/a", "default/B", "default/c"])
        {
            await log.AcceptAsync(New(name));
        }

        await log.ClaimAsync((await log.QueuedAsync("default/c")).Single(), 1);
        Assert.Equal(["default/B", "default/a"], await log.ReadWaitingAgentsAsync("", 2, default));
        Assert.Equal(["default/b"], await log.ReadWaitingAgentsAsync("default/a", 2, default));
    }

    /// <summary>An agent, a tenant and the storage take as many as their limits say, and more when some have ended.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task Limits_refuse(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider, o => (o.MaxPerAgent, o.MaxPerTenant, o.MaxRequests) = (2, 3, 5));
        var first = await log.AcceptAsync();
        await log.AcceptAsync();
        Assert.Equal((AcceptResult.Refused, new DurableRefusal(DurableLimit.AgentRequests, 2)), await RefusedAsync(New()));
        await log.AcceptAsync(New("default/other"));
        Assert.Equal((AcceptResult.Refused, new DurableRefusal(DurableLimit.TenantRequests, 3)), await RefusedAsync(New("default/third")));

        await log.EndAsync(Cancelled(first), default);
        await log.AcceptAsync();
        Assert.Equal((3L, 1L), (log.Counts.Open, log.Counts.Ended));
        await log.AcceptAsync(New("tenant/pump"));
        Assert.Equal((AcceptResult.Refused, new DurableRefusal(DurableLimit.ProcessRequests, 5)), await RefusedAsync(New("tenant/pump")));

        async Task<(AcceptResult, DurableRefusal)> RefusedAsync(NewRequest request)
        {
            var reply = await log.AcceptAsync(request, default);
            Assert.Null(await log.FindAsync(request.Id, default));
            return (reply.Result, reply.Refusal);
        }
    }

    /// <summary>Bytes are limited too, and the first request of an agent passes however long it is.</summary>
    [PostgreSqlTheory]
    [MemberData(nameof(TestLogs.Storages), MemberType = typeof(TestLogs))]
    public async Task Limits_of_bytes_refuse(StorageProvider provider)
    {
        var log = await logs.OpenAsync(provider, o => o.MaxBytesPerAgent = 10_000);
        await log.AcceptAsync(New(payload: new byte[20_000]));
        Assert.Equal(DurableLimit.AgentBytes, (await log.AcceptAsync(New(), default)).Refusal.Limit);
        Assert.Equal(DurableCost.OfOpen(20_000), log.Counts.Bytes);
    }
}
