using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable.Logs;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.PostgreSql;

/// <summary>
/// Decides the writes of one transaction, in the order in which they came, over the rows that the transaction has locked. Nobody else changes
/// these before its end, so what the rules say of them is the compare-and-set. Not thread-safe.
/// </summary>
internal sealed class LogBatch(DurableBounds bounds, LogUsage usage)
{
    private readonly Dictionary<string, (DurableUsage Open, DurableUsage Kept)> _changes = new(StringComparer.Ordinal);
    private DurableUsage _keptChange;

    public Dictionary<string, LockedAgent> Agents { get; } = new(StringComparer.Ordinal);

    public Dictionary<ulong, LockedRequest> Requests { get; } = [];

    /// <summary>The database's time, after all was locked.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>By how much what is kept changes, by tenant.</summary>
    public IReadOnlyDictionary<string, (DurableUsage Open, DurableUsage Kept)> Changes => _changes;

    /// <summary>Gets whether there is anything to write.</summary>
    public bool HasChanges => Requests.Values.Any(static row => row.Changed || row.Removed || row.Added is not null);

    public AcceptReply Accept(NewRequest request)
    {
        if (Requests.ContainsKey(request.Id))
        {
            return new AcceptReply(AcceptResult.DuplicateId);
        }

        var agent = Agents[request.AgentKey];
        var cost = DurableCost.OfOpen(request.Payload.Length);
        var tenant = usage.OpenOf(agent.Tenant).Plus(_changes.GetValueOrDefault(agent.Tenant).Open);
        if (bounds.Refusal(agent.Open, tenant, usage.Kept.Plus(_keptChange), cost) is { } refusal)
        {
            return new AcceptReply(AcceptResult.Refused, refusal);
        }

        var accepted = LogRules.Accept(request, agent.LastNumber + 1, Now);
        Requests.Add(request.Id, new LockedRequest(accepted) { Added = request, PayloadBytes = request.Payload.Length });
        agent.LastNumber = accepted.Number;
        Count(agent, new(1, cost), new(1, cost));
        return new AcceptReply(AcceptResult.Accepted);
    }

    public bool Claim(in AttemptClaim claim) =>
        Requests.GetValueOrDefault(claim.Id) is { Removed: false } row && LogRules.Claim(row.Request, claim, Now) is { } next && Set(row, next);

    public bool Release(in AttemptRelease release)
    {
        if (Find(release.Id) is not ({ } row, { } agent) || LogRules.Release(row.Request, release, Now) is not { } next)
        {
            return false;
        }

        DropResponse(row, agent);
        return Set(row, next);
    }

    public AppendResult Append(ResponseChunk chunk)
    {
        if (Find(chunk.Id) is not ({ } row, { } agent) || LogRules.Append(row.Request, chunk, Now) is not { } next)
        {
            return AppendResult.NotCurrent;
        }

        // After a commit of unknown outcome the same part comes again.
        if (chunk.Index < row.Parts)
        {
            return AppendResult.Appended;
        }

        if (!Keep(row, agent, chunk))
        {
            return AppendResult.NoRoom;
        }

        Set(row, next);
        return AppendResult.Appended;
    }

    public EndReply End(RequestEnd change)
    {
        if (Find(change.Id) is not ({ } row, { } agent))
        {
            return new EndReply(EndResult.NotFound);
        }

        if (LogRules.End(row.Request, change, Now) is not { } next)
        {
            var same = !change.Hash.IsEmpty && row.Request.State == LoggedState.Ended && row.Hash.Span.SequenceEqual(change.Hash.Span);
            return new EndReply(same ? EndResult.Same : EndResult.Refused);
        }

        if (change.Last is { } last && !Keep(row, agent, last))
        {
            return new EndReply(EndResult.NoRoom);
        }

        row.Hash = change.Hash.ToArray();
        return new EndReply(EndResult.Ended, End(row, agent, next));
    }

    /// <summary>Ends a request if its time to live is over. Null: it is not, or it has ended.</summary>
    public EndedRequest? Expire(ulong id) =>
        Find(id) is ({ } row, { } agent) && row.Request.ExpiresAt <= Now
        && LogRules.End(row.Request, new RequestEnd { Id = id, Verdict = Verdict.Expired }, Now) is { } next
            ? End(row, agent, next)
            : null;

    /// <summary>Removes a request if it ended so long ago.</summary>
    public bool Forget(ulong id, TimeSpan retention)
    {
        if (Find(id) is not ({ } row, { } agent) || row.Request.State != LoggedState.Ended || row.Request.EndedAt + retention > Now)
        {
            return false;
        }

        row.Removed = true;
        Count(agent, default, new(-1, -row.Cost));
        return true;
    }

    // Without its agent: the request was accepted by another process after this transaction had locked its agents, and before it locked its
    // requests. For whoever names it now it comes too late by as much.
    private (LockedRequest? Row, LockedAgent? Agent) Find(ulong id) =>
        Requests.GetValueOrDefault(id) is { Removed: false } row && Agents.GetValueOrDefault(row.Request.AgentKey) is { } agent ? (row, agent) : default;

    private EndedRequest End(LockedRequest row, LockedAgent agent, LoggedRequest next)
    {
        if (next.Verdict != Verdict.Answered)
        {
            DropResponse(row, agent);
        }

        var holder = LogRules.HolderOf(row.Request);
        Count(agent, new(-1, -row.Cost), new(0, -row.PayloadBytes));
        row.PayloadBytes = 0;
        Set(row, next);
        return new EndedRequest(next, holder);
    }

    private bool Keep(LockedRequest row, LockedAgent agent, ResponseChunk chunk)
    {
        var cost = LogRules.CostOf(chunk);
        if (usage.Kept.Bytes + _keptChange.Bytes + cost > bounds.Bytes)
        {
            return false;
        }

        if (chunk.Head is { } head)
        {
            row.Headers = StoredText.Headers(head.Headers);
        }

        // A part without bytes is none: a reader would take it for a page without progress.
        if (!chunk.Body.IsEmpty)
        {
            row.NewChunks.Add((row.Chunks++, chunk.Body.ToArray()));
        }

        row.Parts = chunk.Index + 1;
        row.ResponseCost += cost;
        Count(agent, new(0, cost), new(0, cost));
        return true;
    }

    private void DropResponse(LockedRequest row, LockedAgent agent)
    {
        Count(agent, new(0, -row.ResponseCost), new(0, -row.ResponseCost));
        (row.Parts, row.Chunks, row.ResponseCost, row.Headers) = (0, 0, 0, []);
        row.ChunksDropped = true;
        row.NewChunks.Clear();
    }

    private void Count(LockedAgent agent, DurableUsage open, DurableUsage kept)
    {
        (agent.Open, agent.Kept, agent.Changed) = (agent.Open.Plus(open), agent.Kept.Plus(kept), true);
        var before = _changes.GetValueOrDefault(agent.Tenant);
        _changes[agent.Tenant] = (before.Open.Plus(open), before.Kept.Plus(kept));
        _keptChange = _keptChange.Plus(kept);
    }

    private static bool Set(LockedRequest row, LoggedRequest next)
    {
        row.Request = next;
        return row.Changed = true;
    }
}
