using Switchboard.Abstractions.Durable;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.Logs;

/// <summary>
/// Keeps durable requests in the memory of one process. One lock guards all of it: nothing under it waits, and no call takes longer than its
/// limit of rows.
/// </summary>
internal sealed class MemoryRequestLog(DurableBounds bounds, TimeSpan retention, TimeProvider time) : IRequestLog
{
    private readonly Lock _gate = new();
    private readonly DurableLedger _ledger = new(bounds);
    private readonly MemoryRows _rows = new();

    public bool SurvivesProcess => false;

    public RequestLogCounts Counts => new(_ledger.Open, Math.Max(0, _ledger.Kept - _ledger.Open), _ledger.Bytes);

    public Task<AcceptReply> AcceptAsync(NewRequest request, CancellationToken cancellationToken) => Run(now =>
    {
        if (_rows.Find(request.Id) is not null)
        {
            return new AcceptReply(AcceptResult.DuplicateId);
        }

        var cost = DurableCost.OfOpen(request.Payload.Length);
        if (_ledger.TryAdd(AgentKey.Parse(request.AgentKey), cost) is { } refusal)
        {
            return new AcceptReply(AcceptResult.Refused, refusal);
        }

        // A copy: the caller's buffer is the caller's again when this returns.
        _rows.Add(new MemoryRow(LogRules.Accept(request, _rows.NextNumber(request.AgentKey), now), request.Payload.ToArray(), cost));
        return new AcceptReply(AcceptResult.Accepted);
    });

    public Task<LoggedRequest?> FindAsync(ulong id, CancellationToken cancellationToken) => Run(_ => _rows.Find(id)?.Request);

    public Task<QueuedRequests> ReadQueuedAsync(string agentKey, int limit, long maxBytes, CancellationToken cancellationToken) =>
        Run(now => _rows.ReadQueued(agentKey, limit, maxBytes, now));

    public Task<IReadOnlyList<LoggedRequest>> ReadClaimedAsync(string agentKey, int limit, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<LoggedRequest>>(_ => [.. _rows.OfAgent(agentKey, 0).Where(row => row.Request.State == LoggedState.Claimed).Take(limit).Select(row => row.Request)]);

    public Task<IReadOnlyList<bool>> ClaimAsync(IReadOnlyList<AttemptClaim> claims, CancellationToken cancellationToken) => Run<IReadOnlyList<bool>>(now =>
        [.. claims.Select(claim => _rows.Find(claim.Id) is { } row && LogRules.Claim(row.Request, claim, now) is { } next && Set(row, next))]);

    public Task<IReadOnlyList<bool>> ReleaseAsync(IReadOnlyList<AttemptRelease> releases, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<bool>>(now => [.. releases.Select(release => Release(release, now))]);

    public Task<AppendResult> AppendAsync(ResponseChunk chunk, CancellationToken cancellationToken) => Run(now =>
    {
        if (_rows.Find(chunk.Id) is not { } row || LogRules.Append(row.Request, chunk, now) is not { } next)
        {
            return AppendResult.NotCurrent;
        }

        if (!Keep(row, chunk))
        {
            return AppendResult.NoRoom;
        }

        Set(row, next);
        return AppendResult.Appended;
    });

    public Task<EndReply> EndAsync(RequestEnd change, CancellationToken cancellationToken) => Run(now =>
    {
        if (_rows.Find(change.Id) is not { } row)
        {
            return new EndReply(EndResult.NotFound);
        }

        if (LogRules.End(row.Request, change, now) is not { } next)
        {
            var same = !change.Hash.IsEmpty && row.Request.State == LoggedState.Ended && row.Hash.Span.SequenceEqual(change.Hash.Span);
            return new EndReply(same ? EndResult.Same : EndResult.Refused);
        }

        if (change.Last is { } last && !Keep(row, last))
        {
            return new EndReply(EndResult.NoRoom);
        }

        row.Hash = change.Hash.ToArray();
        return new EndReply(EndResult.Ended, End(row, next, now));
    });

    public Task<ResponsePage?> ReadResponseAsync(ulong id, int fromChunk, long maxBytes, CancellationToken cancellationToken) => Run(_ =>
    {
        if (_rows.Find(id) is not { } row)
        {
            return null;
        }

        List<ReadOnlyMemory<byte>> chunks = [];
        var bytes = 0L;
        for (var i = fromChunk; i < row.Chunks.Count && (chunks.Count == 0 || bytes < maxBytes); i++)
        {
            chunks.Add(row.Chunks[i]);
            bytes += row.Chunks[i].Length;
        }

        return new ResponsePage(row.Request, row.Headers, chunks);
    });

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken) => Run(_ =>
    {
        var found = _rows.OfAgent(query.AgentKey, query.After)
            .Select(row => row.Request)
            .Where(request => LogRules.Takes(query.Filter, request))
            .Take(query.Limit + 1)
            .ToList();
        if (found.Count <= query.Limit)
        {
            return new RequestPage(found, Next: null);
        }

        found.RemoveAt(query.Limit);
        return new RequestPage(found, found[^1].Number);
    });

    public Task<IReadOnlyList<EndedRequest>> ExpireAsync(int limit, CancellationToken cancellationToken) => Run<IReadOnlyList<EndedRequest>>(now =>
    {
        List<EndedRequest> expired = [];
        while (expired.Count < limit && _rows.FirstOpen() is { } row && row.Request.ExpiresAt <= now)
        {
            var next = LogRules.End(row.Request, new RequestEnd { Id = row.Request.Id, Verdict = Verdict.Expired }, now)!;
            expired.Add(End(row, next, now));
        }

        return expired;
    });

    public Task<int> ForgetAsync(int limit, CancellationToken cancellationToken) => Run(now =>
    {
        var forgotten = 0;
        for (; forgotten < limit && _rows.FirstEnded() is { } row && row.ForgetAt <= now; forgotten++)
        {
            _rows.Remove(row);
            _ledger.Remove(AgentKey.Parse(row.Request.AgentKey), row.Cost, open: false);
        }

        return forgotten;
    });

    public Task<IReadOnlyList<DueRequest>> ReadDueAsync(TimeSpan within, int limit, CancellationToken cancellationToken) => Run<IReadOnlyList<DueRequest>>(now =>
        [.. _rows.Open().TakeWhile(row => row.Request.ExpiresAt <= now + within).Take(limit).Select(row => new DueRequest(row.Request.Id, row.Request.ExpiresAt - now))]);

    public Task<IReadOnlyList<string>> ReadWaitingAgentsAsync(string after, int limit, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<string>>(_ => [.. _rows.AgentsThatWait(after).Take(limit)]);

    public Task<IReadOnlyList<ushort>> ReadHoldersAsync(CancellationToken cancellationToken) => Run<IReadOnlyList<ushort>>(_ => [.. _rows.Holders()]);

    public Task<IReadOnlyList<string>> ReleaseHolderAsync(ushort frontDoor, int limit, CancellationToken cancellationToken) => Run<IReadOnlyList<string>>(now =>
    {
        var claimed = _rows.HeldBy(frontDoor).Take(limit).ToList();
        foreach (var row in claimed)
        {
            Release(new AttemptRelease(row.Request.Id, row.Request.Attempt, Sent: true, RetryIn: TimeSpan.Zero), now);
        }

        return [.. claimed.Select(row => row.Request.AgentKey).Distinct()];
    });

    private bool Release(in AttemptRelease release, DateTimeOffset now)
    {
        if (_rows.Find(release.Id) is not { } row || LogRules.Release(row.Request, release, now) is not { } next)
        {
            return false;
        }

        DropResponse(row);
        return Set(row, next);
    }

    private bool Keep(MemoryRow row, ResponseChunk chunk)
    {
        var cost = LogRules.CostOf(chunk);
        if (!_ledger.HasRoomFor(cost))
        {
            return false;
        }

        if (chunk.Head is { } head)
        {
            row.Headers = head.Headers;
        }

        // A part without bytes is none: a reader would take it for a page without progress.
        if (!chunk.Body.IsEmpty)
        {
            row.Chunks.Add(chunk.Body.ToArray());
        }

        Recount(row, row.Cost + cost);
        row.ResponseCost += cost;
        return true;
    }

    private void DropResponse(MemoryRow row)
    {
        Recount(row, row.Cost - row.ResponseCost);
        row.ResponseCost = 0;
        row.Chunks.Clear();
        row.Headers = [];
    }

    private EndedRequest End(MemoryRow row, LoggedRequest next, DateTimeOffset now)
    {
        if (next.Verdict != Verdict.Answered)
        {
            DropResponse(row);
        }

        var holder = LogRules.HolderOf(row.Request);
        var ended = row.Cost - row.Payload.Length;
        _ledger.End(AgentKey.Parse(next.AgentKey), row.Cost, ended);
        row.Cost = ended;
        row.Payload = [];
        row.ForgetAt = now + retention;
        Set(row, next);
        return new EndedRequest(next, holder);
    }

    private void Recount(MemoryRow row, long cost)
    {
        var agent = AgentKey.Parse(row.Request.AgentKey);
        _ledger.Remove(agent, row.Cost, open: true);
        _ledger.Restore(agent, cost, open: true);
        row.Cost = cost;
    }

    private bool Set(MemoryRow row, LoggedRequest next)
    {
        _rows.Change(row, next);
        return true;
    }

    private Task<T> Run<T>(Func<DateTimeOffset, T> work)
    {
        lock (_gate)
        {
            return Task.FromResult(work(time.GetUtcNow()));
        }
    }
}
