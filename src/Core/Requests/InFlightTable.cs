using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Requests;

/// <summary>Specifies the outcome of adding a request.</summary>
public enum RegistrationOutcome
{
    /// <summary>It is in flight until it is removed.</summary>
    Added,

    /// <summary>A request with the same caller's id is in flight. Nothing has changed.</summary>
    CallerIdInUse,

    /// <summary>Its own id is taken: a fault of whoever generated it (seeds N6). Nothing has changed.</summary>
    IdInUse,

    /// <summary>The capacity is reached. Nothing has changed.</summary>
    Full,
}

/// <summary>
/// Holds the requests in flight at a front door, by their ids and by the ids that their callers gave, and the summaries of the last that
/// ended. The side that ends a request removes it, once, and then only its summary is left (R1). Thread-safe.
/// </summary>
/// <typeparam name="TRequest">The type of a request; compared by reference.</typeparam>
/// <typeparam name="TEnded">The type of a summary: ids, times, sizes, a verdict; no content.</typeparam>
public sealed class InFlightTable<TRequest, TEnded>
    where TRequest : class
{
    private readonly PendingReplies<TRequest> _pending;
    private readonly VerdictHistory<TEnded> _history;
    private readonly ConcurrentDictionary<(string Tenant, string Id), TRequest> _callerIds = new();

    /// <summary>Initializes an empty table.</summary>
    /// <param name="capacity">The maximum number of requests under way; at least 1.</param>
    /// <param name="historySize">The maximum number of summaries that are kept; at least 1.</param>
    public InFlightTable(int capacity, int historySize)
    {
        _pending = new PendingReplies<TRequest>(capacity);
        _history = new VerdictHistory<TEnded>(historySize);
    }

    /// <summary>The number of requests under way.</summary>
    public int Count => _pending.Count;

    /// <summary>The number of callers' ids in use.</summary>
    public int CallerIds => _callerIds.Count;

    /// <summary>Adds a request.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="callerId">
    /// The tenant and the caller's id of the request, which are in use while it is under way; an empty id is none.
    /// </param>
    /// <param name="request">The request.</param>
    public RegistrationOutcome TryAdd(ulong id, (string Tenant, string Id) callerId, TRequest request)
    {
        if (callerId.Id.Length > 0 && !_callerIds.TryAdd(callerId, request))
        {
            return RegistrationOutcome.CallerIdInUse;
        }

        var outcome = _pending.Register(id, request);
        if (outcome == RegisterOutcome.Registered)
        {
            return RegistrationOutcome.Added;
        }

        FreeCallerId(callerId, request);
        return outcome == RegisterOutcome.Full ? RegistrationOutcome.Full : RegistrationOutcome.IdInUse;
    }

    /// <summary>Removes a request that has just ended. False: it was not there.</summary>
    public bool Remove(ulong id, (string Tenant, string Id) callerId, TRequest request)
    {
        FreeCallerId(callerId, request);
        return _pending.GiveUp(id, request);
    }

    /// <summary>Keeps the summary of a request that has ended.</summary>
    public void Keep(ulong id, TEnded ended) => _history.Add(id, ended);

    /// <summary>Finds a request that is under way.</summary>
    public bool TryFind(ulong id, [MaybeNullWhen(false)] out TRequest request) => _pending.TryPeek(id, out request);

    /// <summary>Finds the summary of a request that has ended; false if it never was, or is not kept any more.</summary>
    public bool TryRecall(ulong id, [MaybeNullWhen(false)] out TEnded ended) => _history.TryGet(id, out ended);

    /// <inheritdoc cref="PendingReplies{T}.Snapshot"/>
    public IEnumerable<TRequest> Snapshot() => _pending.Snapshot();

    private void FreeCallerId((string Tenant, string Id) callerId, TRequest request)
    {
        if (callerId.Id.Length > 0)
        {
            _callerIds.TryRemove(new KeyValuePair<(string Tenant, string Id), TRequest>(callerId, request));
        }
    }
}
