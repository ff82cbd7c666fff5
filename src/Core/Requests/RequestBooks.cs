using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Requests;

/// <summary>What came of entering a request into the books.</summary>
public enum OpenOutcome
{
    /// <summary>It is in the books until it is closed.</summary>
    Opened,

    /// <summary>A request of the same caller's id is in flight. Nothing has changed.</summary>
    CallerIdInUse,

    /// <summary>Its own id is taken: a fault of whoever made it (seeds N6). Nothing has changed.</summary>
    IdInUse,

    /// <summary>There are as many as there may be. Nothing has changed.</summary>
    Full,
}

/// <summary>
/// A front door's books: which requests are under way, by their ids and by the ids that their callers gave, and what became of the last
/// ones. Whoever ends a request closes it, once, and then nothing is left of it but its verdict (R1). Thread-safe.
/// </summary>
/// <typeparam name="TRequest">A request; told apart by reference.</typeparam>
/// <typeparam name="TEnded">What is kept of one that has ended: ids, times, sizes, a verdict; no content.</typeparam>
public sealed class RequestBooks<TRequest, TEnded>
    where TRequest : class
{
    private readonly PendingReplies<TRequest> _pending;
    private readonly VerdictHistory<TEnded> _history;
    private readonly ConcurrentDictionary<(string Tenant, string Id), TRequest> _callerIds = new();

    /// <summary>Empty books.</summary>
    /// <param name="capacity">The most requests under way; at least 1.</param>
    /// <param name="historySize">The most verdicts that are kept; at least 1.</param>
    public RequestBooks(int capacity, int historySize)
    {
        _pending = new PendingReplies<TRequest>(capacity);
        _history = new VerdictHistory<TEnded>(historySize);
    }

    /// <summary>How many are under way.</summary>
    public int Count => _pending.Count;

    /// <summary>How many callers' ids are in use.</summary>
    public int CallerIds => _callerIds.Count;

    /// <summary>Enters a request.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="callerId">Whose id for it is in use while it is under way, and that id; one that is empty stands for none.</param>
    /// <param name="request">The request.</param>
    public OpenOutcome Open(ulong id, (string Tenant, string Id) callerId, TRequest request)
    {
        if (callerId.Id.Length > 0 && !_callerIds.TryAdd(callerId, request))
            return OpenOutcome.CallerIdInUse;
        RegisterOutcome outcome = _pending.Register(id, request);
        if (outcome == RegisterOutcome.Registered)
            return OpenOutcome.Opened;
        FreeCallerId(callerId, request);
        return outcome == RegisterOutcome.Full ? OpenOutcome.Full : OpenOutcome.IdInUse;
    }

    /// <summary>Takes a request that has just ended out. False: it was not there.</summary>
    public bool Close(ulong id, (string Tenant, string Id) callerId, TRequest request)
    {
        FreeCallerId(callerId, request);
        return _pending.GiveUp(id, request);
    }

    /// <summary>Keeps what became of one.</summary>
    public void Keep(ulong id, TEnded ended) => _history.Add(id, ended);

    /// <summary>A request that is under way.</summary>
    public bool TryFind(ulong id, [MaybeNullWhen(false)] out TRequest request) => _pending.TryPeek(id, out request);

    /// <summary>What became of one that has ended; false if it never was, or is forgotten.</summary>
    public bool TryRecall(ulong id, [MaybeNullWhen(false)] out TEnded ended) => _history.TryGet(id, out ended);

    /// <inheritdoc cref="PendingReplies{T}.Snapshot"/>
    public IEnumerable<TRequest> Snapshot() => _pending.Snapshot();

    private void FreeCallerId((string Tenant, string Id) callerId, TRequest request)
    {
        if (callerId.Id.Length > 0)
            _callerIds.TryRemove(new KeyValuePair<(string Tenant, string Id), TRequest>(callerId, request));
    }
}
