using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Agents;

/// <summary>
/// Represents a request as its session sees it. The links belong to the session, so that being in flight allocates nothing; they are
/// guarded by that session's lock.
/// </summary>
/// <typeparam name="TSelf">The request's type.</typeparam>
public interface ISessionRequest<TSelf>
    where TSelf : class
{
    /// <summary>The cost of its message while it waits, in bytes (<see cref="Admission.MessageCost"/>).</summary>
    long Cost { get; }

    /// <summary>The queue that counts it as in flight; null if none does.</summary>
    object? InFlightAt { get; set; }

    /// <summary>The previous request in that session.</summary>
    TSelf? SessionPrevious { get; set; }

    /// <summary>The next request in that session.</summary>
    TSelf? SessionNext { get; set; }
}

/// <summary>
/// Holds the state of one session: a bounded queue of outbound messages, the requests in flight, and whether it takes more.
/// </summary>
/// <remarks>Not thread-safe: its shell locks around each call and calls nothing else under the lock.</remarks>
/// <typeparam name="TRequest">The type of a request.</typeparam>
/// <typeparam name="TControl">The type of a control message.</typeparam>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue, though no System.Collections one.")]
public sealed class SessionQueue<TRequest, TControl>
    where TRequest : class, ISessionRequest<TRequest>
    where TControl : class
{
    // In addition to requests, at most one cancel notice waits for each request in flight, and a welcome, a heartbeat, a list and a
    // go_away.
    private const int RoomForControls = 16;

    private readonly Queue<(TRequest? Request, TControl? Control)> _queue = new();
    private readonly int _maxInFlight;
    private readonly int _maxQueuedBytes;
    private int _queuedRequests;
    private long _queuedBytes;
    private TRequest? _firstInFlight;

    /// <summary>Initializes an empty session.</summary>
    /// <param name="maxInFlight">The maximum number of requests in flight, and of those that wait; at least 1.</param>
    /// <param name="maxQueuedBytes">The maximum cost of waiting requests, in bytes; one waits whatever it costs.</param>
    public SessionQueue(int maxInFlight, int maxQueuedBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInFlight, 1);
        _maxInFlight = maxInFlight;
        _maxQueuedBytes = maxQueuedBytes;
    }

    /// <summary>The number of requests in flight: taken, and neither released nor given back.</summary>
    public int InFlight { get; private set; }

    /// <summary>The number of messages that wait to be written.</summary>
    public int Count => _queue.Count;

    /// <summary>The number of requests that wait to be written, including those that have ended meanwhile.</summary>
    public int QueuedRequests => _queuedRequests;

    /// <summary>Gets whether its agent was asked to open another session.</summary>
    public bool IsRetiring { get; private set; }

    /// <summary>Gets whether its agent has another session, so that this one takes no new requests.</summary>
    public bool HasSuccessor { get; private set; }

    /// <summary>Gets whether it has ended.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>
    /// Takes a request into the queue. One that has ended is taken too: the caller checks the request again afterwards, and then releases
    /// it, as its end may have found nothing to release yet.
    /// </summary>
    public TakeResult Take(TRequest request)
    {
        if (HasEnded || HasSuccessor)
        {
            return new TakeResult(TakeOutcome.NotThere);
        }

        ArgumentNullException.ThrowIfNull(request);
        if (LimitReached(request) is { } limit)
        {
            return limit;
        }

        _queue.Enqueue((request, null));
        _queuedRequests++;
        _queuedBytes += request.Cost;
        Link(request);
        return new TakeResult(TakeOutcome.Taken);
    }

    /// <summary>Releases the slot of a request that has ended. Does nothing if it holds none.</summary>
    public void Release(TRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.InFlightAt == this)
        {
            Unlink(request);
        }
    }

    /// <summary>Queues a control message. False: the session has ended, or its agent does not read.</summary>
    public bool TryEnqueue(TControl control)
    {
        if (HasEnded || _queue.Count - _queuedRequests >= _maxInFlight + RoomForControls)
        {
            return false;
        }

        _queue.Enqueue((null, control));
        return true;
    }

    /// <summary>Asks its agent to open another session. Until it has one, this one goes on taking requests.</summary>
    /// <param name="goAway">The <c>go_away</c> message.</param>
    /// <returns>False: it was asked before, has ended, or its agent does not read.</returns>
    /// <remarks>
    /// One call, because an end leaves out its own go_away where this one was queued: were the flag set and the message queued separately,
    /// an end between the two would find the flag, leave its go_away out, and the message would then be refused by a session that has
    /// ended.
    /// </remarks>
    public bool Retire(TControl goAway) => !IsRetiring && (IsRetiring = TryEnqueue(goAway));

    /// <summary>
    /// Notes that its agent has another session: this one, if it was asked to go, takes no new requests and keeps what it has (S2).
    /// </summary>
    public void Succeeded() => HasSuccessor |= IsRetiring;

    /// <summary>Ends the session, once. From here on it takes nothing.</summary>
    /// <param name="goAway">The last message to its agent, after what waits; null if there is none.</param>
    /// <param name="dropQueue">Whether what waits is dropped, because the agent is gone.</param>
    /// <returns>The requests that were in flight and are to be notified; null: it had ended before.</returns>
    public IReadOnlyList<TRequest>? End(TControl? goAway, bool dropQueue)
    {
        if (HasEnded)
        {
            return null;
        }

        HasEnded = true;
        TRequest[] held = [.. RequestsInFlight()];
        foreach (var request in held)
        {
            Unlink(request);
        }

        if (dropQueue)
        {
            _queue.Clear();
            (_queuedRequests, _queuedBytes) = (0, 0);
        }
        if (goAway is not null)
        {
            _queue.Enqueue((null, goAway));
        }

        return held;
    }

    /// <summary>Dequeues the next message, a request or a control message. False: nothing waits.</summary>
    public bool TryDequeue(out TRequest? request, out TControl? control)
    {
        if (!_queue.TryDequeue(out var next))
        {
            (request, control) = (null, null);
            return false;
        }
        (request, control) = next;
        if (request is not null)
        {
            _queuedRequests--;
            _queuedBytes -= request.Cost;
        }
        return true;
    }

    /// <summary>Returns the current requests in flight, newest first.</summary>
    public IReadOnlyList<TRequest> RequestsInFlight()
    {
        var all = new TRequest[InFlight];
        var i = 0;
        for (var request = _firstInFlight; request is not null; request = request.SessionNext)
        {
            all[i++] = request;
        }

        return all;
    }

    // The second and the third limit are for an agent that does not read: requests that ended meanwhile are not in flight any more, but in
    // the queue; and a few large ones must not use up what the process may hold. One request is always taken, however large.
    private TakeResult? LimitReached(TRequest request)
    {
        if (InFlight >= _maxInFlight)
        {
            return new TakeResult(TakeOutcome.Overloaded, SessionLimit.InFlight, _maxInFlight);
        }

        if (_queuedRequests >= _maxInFlight)
        {
            return new TakeResult(TakeOutcome.Overloaded, SessionLimit.Queued, _maxInFlight);
        }

        return _queuedRequests > 0 && _queuedBytes + request.Cost > _maxQueuedBytes
            ? new TakeResult(TakeOutcome.Overloaded, SessionLimit.QueuedBytes, _maxQueuedBytes)
            : null;
    }

    private void Link(TRequest request)
    {
        request.InFlightAt = this;
        request.SessionNext = _firstInFlight;
        if (_firstInFlight is not null)
        {
            _firstInFlight.SessionPrevious = request;
        }

        _firstInFlight = request;
        InFlight++;
    }

    private void Unlink(TRequest request)
    {
        if (request.SessionPrevious is null)
        {
            _firstInFlight = request.SessionNext;
        }
        else
        {
            request.SessionPrevious.SessionNext = request.SessionNext;
        }

        if (request.SessionNext is not null)
        {
            request.SessionNext.SessionPrevious = request.SessionPrevious;
        }

        request.SessionPrevious = request.SessionNext = null;
        request.InFlightAt = null;
        InFlight--;
    }
}
