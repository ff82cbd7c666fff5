using Switchboard.Abstractions.Durable;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable.Logs;

/// <summary>
/// Decides what a change makes of a durable request. A storage reads the request, applies the rule, and writes what it returns, while nobody else
/// changes it: it has one writer, or has locked the request's row.
/// </summary>
internal static class LogRules
{
    /// <summary>Returns a new request, queued and due at once.</summary>
    public static LoggedRequest Accept(NewRequest request, long number, DateTimeOffset now) => new()
    {
        Id = request.Id,
        AgentKey = request.AgentKey,
        Number = number,
        Method = request.Method,
        State = LoggedState.Queued,
        AcceptedAt = request.AcceptedAt,
        ExpiresAt = now + request.TimeToLive,
        DueAt = now,
        FirstMessage = request.FirstMessage,
        RequestBytes = request.RequestBytes,
        Watched = request.Watched,
    };

    /// <summary>Begins an attempt. Null: it is not queued, another attempt is the next, or its time to live is over.</summary>
    public static LoggedRequest? Claim(LoggedRequest request, in AttemptClaim claim, DateTimeOffset now) =>
        request.State == LoggedState.Queued && claim.Attempt == request.Attempt + 1 && request.ExpiresAt > now
            ? request with { State = LoggedState.Claimed, Attempt = claim.Attempt, Session = claim.Session, FrontDoor = claim.FrontDoor, SentAt = now }
            : null;

    /// <summary>Gives an attempt up. Null: it is not the current one.</summary>
    public static LoggedRequest? Release(LoggedRequest request, in AttemptRelease release, DateTimeOffset now) =>
        IsCurrent(request, release.Attempt)
            ? request with
            {
                State = LoggedState.Queued,
                Sent = request.Sent || release.Sent,
                DueAt = now + release.RetryIn,
                Session = 0,
                FrontDoor = 0,
                FirstMessageAt = null,
                ResponseBytes = 0,
                Status = null,
            }
            : null;

    /// <summary>Notes a part of the response. Null: its attempt is not the current one.</summary>
    public static LoggedRequest? Append(LoggedRequest request, ResponseChunk chunk, DateTimeOffset now) => IsCurrent(request, chunk.Attempt)
        ? request with
        {
            Status = chunk.Head?.Status ?? request.Status,
            FirstMessageAt = request.FirstMessageAt ?? now,
            ResponseBytes = request.ResponseBytes + chunk.Body.Length,
        }
        : null;

    /// <summary>Ends a request. Null: it has ended, or the attempt is not the current one.</summary>
    public static LoggedRequest? End(LoggedRequest request, RequestEnd end, DateTimeOffset now)
    {
        if (request.State == LoggedState.Ended || (end.Attempt is { } attempt && !IsCurrent(request, attempt)))
        {
            return null;
        }

        var last = end.Last is { } chunk ? Append(request, chunk, now)! : request with { FirstMessageAt = null, ResponseBytes = 0, Status = null };
        return last with
        {
            State = LoggedState.Ended,
            Verdict = end.Verdict,
            // Ended by somebody else while an attempt is under way, it may have been sent.
            Sent = request.Sent || (end.Attempt is null ? request.State == LoggedState.Claimed : end.Sent),
            Detail = end.Detail,
            EndedAt = now,
        };
    }

    /// <summary>Returns the front door that must not go on with a request that is about to end.</summary>
    public static ushort HolderOf(LoggedRequest request) => request.State == LoggedState.Claimed ? request.FrontDoor : (ushort)0;

    /// <summary>Returns whether a filter takes a request.</summary>
    public static bool Takes(RequestFilter filter, LoggedRequest request) => filter switch
    {
        RequestFilter.All => true,
        RequestFilter.Queued => request.State == LoggedState.Queued,
        RequestFilter.Sent => request.State == LoggedState.Claimed,
        RequestFilter.Answered => request.Verdict == Verdict.Answered,
        RequestFilter.Expired => request.Verdict == Verdict.Expired,
        RequestFilter.Cancelled => request.Verdict == Verdict.CallerCancelled,
        _ => request.Verdict is { } verdict && verdict is not (Verdict.Answered or Verdict.Expired or Verdict.CallerCancelled),
    };

    /// <summary>Returns the bytes of a response's beginning that count as kept.</summary>
    public static long HeadBytes(ResponseHead? head) => head?.Headers.Sum(static line => 2L * (line.Name.Length + line.Value.Length)) ?? 0;

    /// <summary>Returns the cost of a chunk, with the headers that it brings.</summary>
    public static long CostOf(ResponseChunk chunk) => DurableCost.OfChunk(chunk.Body.Length + HeadBytes(chunk.Head));

    private static bool IsCurrent(LoggedRequest request, uint attempt) => request.State == LoggedState.Claimed && request.Attempt == attempt;
}
