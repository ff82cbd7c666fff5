using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable.Logs;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// The changes of the log of requests, on the writer's thread, where nobody else changes anything: each reads the request, applies the rule,
/// and writes what it returns.
/// </summary>
internal sealed class RequestChanges(SqliteConnection connection, DurableBounds bounds, TimeSpan retention, DateTimeOffset now)
{
    private readonly RequestCounters _counters = new(connection);

    /// <summary>Gets what is kept after these changes; null: they have not changed it.</summary>
    public RequestTotals? Totals => _counters.Totals;

    public AcceptReply Accept(NewRequest request)
    {
        if (connection.IsKnown(request.Id))
        {
            return new(AcceptResult.DuplicateId);
        }

        var agent = AgentKey.Parse(request.AgentKey);
        var cost = DurableCost.OfOpen(request.Payload.Length);
        var usage = _counters.ReadUsage(agent);
        if (bounds.Refusal(usage.Agent, usage.Tenant, usage.Kept, cost) is { } refusal)
        {
            return new(AcceptResult.Refused, refusal);
        }

        connection.Insert(LogRules.Accept(request, _counters.Add(agent, cost), now), cost);
        connection.InsertPayload(request.Id, request.Payload);
        return new(AcceptResult.Accepted);
    }

    public bool Claim(AttemptClaim claim)
    {
        if (connection.FindRequest(claim.Id) is not { } stored || LogRules.Claim(stored.Request, claim, now) is not { } next)
        {
            return false;
        }

        connection.Update(stored with { Request = next });
        return true;
    }

    public bool Release(AttemptRelease release) => connection.FindRequest(release.Id) is { } stored && Release(stored, release);

    /// <summary>Releases attempts of a front door, and returns their agents, each once.</summary>
    public IReadOnlyList<string> ReleaseHolder(ushort frontDoor, int limit)
    {
        var held = connection.ReadRequests(RequestSql.HeldBy, ("$door", frontDoor), ("$limit", limit));
        foreach (var stored in held)
        {
            Release(stored, new AttemptRelease(stored.Request.Id, stored.Request.Attempt, Sent: true, RetryIn: TimeSpan.Zero));
        }

        return [.. held.Select(static stored => stored.Request.AgentKey).Distinct()];
    }

    public AppendResult Append(ResponseChunk chunk)
    {
        if (connection.FindRequest(chunk.Id) is not { } stored || LogRules.Append(stored.Request, chunk, now) is not { } next)
        {
            return AppendResult.NotCurrent;
        }

        var cost = LogRules.CostOf(chunk);
        if (!HasRoomFor(cost))
        {
            return AppendResult.NoRoom;
        }

        connection.InsertChunk(chunk);
        connection.UpdateResponse(new StoredRequest(next, stored.Cost + cost, stored.ResponseCost + cost));
        _counters.Grow(AgentKey.Parse(next.AgentKey), cost);
        return AppendResult.Appended;
    }

    public EndReply End(RequestEnd change)
    {
        if (connection.FindRequest(change.Id) is not { } stored)
        {
            return new(EndResult.NotFound);
        }

        if (LogRules.End(stored.Request, change, now) is not { } next)
        {
            var same = !change.Hash.IsEmpty && stored.Request.State == LoggedState.Ended
                && connection.FindHash(change.Id).AsSpan().SequenceEqual(change.Hash.Span);
            return new(same ? EndResult.Same : EndResult.Refused);
        }

        var last = 0L;
        if (change.Last is { } chunk)
        {
            last = LogRules.CostOf(chunk);
            if (!HasRoomFor(last))
            {
                return new(EndResult.NoRoom);
            }

            connection.InsertChunk(chunk);
        }

        return new(EndResult.Ended, End(stored, next, last, change.Hash));
    }

    /// <summary>Ends requests whose time to live is over, and returns them.</summary>
    public IReadOnlyList<EndedRequest> Expire(int limit) =>
    [
        .. connection.ReadRequests(RequestSql.Overdue, ("$now", now.UtcTicks), ("$limit", limit)).Select(stored => End(
            stored, LogRules.End(stored.Request, new RequestEnd { Id = stored.Request.Id, Verdict = Verdict.Expired }, now)!, last: 0, hash: default)),
    ];

    /// <summary>Removes requests that are kept no longer, and returns how many.</summary>
    public int Forget(int limit)
    {
        List<(ulong Id, string AgentKey, long Cost)> found = [];
        using (var rows = connection.Statement(RequestSql.Forgotten, ("$now", now.UtcTicks), ("$limit", limit)).ExecuteReader())
        {
            while (rows.Read())
            {
                found.Add((unchecked((ulong)rows.GetInt64(0)), rows.GetString(1), rows.GetInt64(2)));
            }
        }

        foreach (var (id, agentKey, cost) in found)
        {
            connection.DeleteResponse(id);
            connection.Execute(RequestSql.Delete, ("$id", RequestRows.Key(id)));
            _counters.Forget(AgentKey.Parse(agentKey), cost);
        }

        return found.Count;
    }

    private bool Release(StoredRequest stored, in AttemptRelease release)
    {
        if (LogRules.Release(stored.Request, release, now) is not { } next)
        {
            return false;
        }

        if (stored.ResponseCost > 0)
        {
            connection.DeleteResponse(next.Id);
            _counters.Grow(AgentKey.Parse(next.AgentKey), -stored.ResponseCost);
        }

        connection.Update(new StoredRequest(next, stored.Cost - stored.ResponseCost, ResponseCost: 0));
        return true;
    }

    // The cost of a last part that was added in the same change is in no row and no counter yet.
    private EndedRequest End(StoredRequest stored, LoggedRequest next, long last, ReadOnlyMemory<byte> hash)
    {
        var response = stored.ResponseCost + last;
        if (next.Verdict != Verdict.Answered && response > 0)
        {
            connection.DeleteResponse(next.Id);
            response = 0;
        }

        connection.DeletePayload(next.Id);
        var ended = DurableCost.OfOpen(payload: 0) + response;
        connection.Update(new StoredRequest(next, ended, response), now + retention, hash);
        _counters.End(AgentKey.Parse(next.AgentKey), stored.Cost, ended);
        return new EndedRequest(next, LogRules.HolderOf(stored.Request));
    }

    private bool HasRoomFor(long bytes) => RequestCounters.ReadTotals(connection).Bytes + bytes <= bounds.Bytes;
}
