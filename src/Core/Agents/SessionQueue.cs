using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Agents;

/// <summary>
/// A request as a session's books see it. The links are the session's own, so that being in flight allocates nothing; they are guarded by
/// that session's lock.
/// </summary>
/// <typeparam name="TSelf">The request's type.</typeparam>
public interface ISessionRequest<TSelf>
    where TSelf : class
{
    /// <summary>What its message costs while it waits, in bytes (<see cref="Admission.MessageCost"/>).</summary>
    long Cost { get; }

    /// <summary>The books that count it as in flight; null: none.</summary>
    object? InFlightAt { get; set; }

    /// <summary>The one before it in those books.</summary>
    TSelf? SessionPrevious { get; set; }

    /// <summary>The one after it in those books.</summary>
    TSelf? SessionNext { get; set; }
}

/// <summary>
/// What one session has: a bounded queue of what is to be written to its agent, the requests that are in flight, and whether it takes any.
/// </summary>
/// <remarks>Not thread-safe: its shell locks around each call and tells nobody anything under the lock.</remarks>
/// <typeparam name="TRequest">A request.</typeparam>
/// <typeparam name="TControl">What is said to an agent beside requests.</typeparam>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue, though no System.Collections one.")]
public sealed class SessionQueue<TRequest, TControl>
    where TRequest : class, ISessionRequest<TRequest>
    where TControl : class
{
    // Beside requests wait one cancel at most for each request in flight, and a welcome, a heartbeat, a list and a go_away.
    private const int RoomForControls = 16;

    private readonly Queue<(TRequest? Request, TControl? Control)> _queue = new();
    private readonly int _maxInFlight;
    private readonly int _maxQueuedBytes;
    private int _queuedRequests;
    private long _queuedBytes;
    private TRequest? _firstInFlight;

    /// <summary>An empty session.</summary>
    /// <param name="maxInFlight">The most requests in flight, and the most that wait; at least 1.</param>
    /// <param name="maxQueuedBytes">The most bytes of requests that wait; one waits however long it is.</param>
    public SessionQueue(int maxInFlight, int maxQueuedBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInFlight, 1);
        _maxInFlight = maxInFlight;
        _maxQueuedBytes = maxQueuedBytes;
    }

    /// <summary>Requests in flight: taken, and neither released nor given back.</summary>
    public int InFlight { get; private set; }

    /// <summary>What waits to be written.</summary>
    public int Count => _queue.Count;

    /// <summary>Requests that wait to be written, those included that have ended meanwhile.</summary>
    public int QueuedRequests => _queuedRequests;

    /// <summary>Was its agent asked to open another session?</summary>
    public bool IsRetiring { get; private set; }

    /// <summary>Is its agent served by another session, so that this one takes nothing new?</summary>
    public bool HasSuccessor { get; private set; }

    /// <summary>Is it over?</summary>
    public bool HasEnded { get; private set; }

    /// <summary>
    /// Takes a request into the queue. One that has ended is taken too: whoever offers it looks once more afterwards, and then releases
    /// it, as its end may have found nothing to release yet.
    /// </summary>
    public TakeResult Take(TRequest request)
    {
        if (HasEnded || HasSuccessor)
            return new TakeResult(TakeOutcome.NotThere);
        ArgumentNullException.ThrowIfNull(request);
        if (LimitReached(request) is { } limit)
            return limit;
        _queue.Enqueue((request, null));
        _queuedRequests++;
        _queuedBytes += request.Cost;
        Link(request);
        return new TakeResult(TakeOutcome.Taken);
    }

    /// <summary>The request has ended: its slot is free from now on. Does nothing where it holds none.</summary>
    public void Release(TRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.InFlightAt == this)
            Unlink(request);
    }

    /// <summary>Puts a control into the queue. False: the session is over, or nobody reads.</summary>
    public bool Tell(TControl control)
    {
        if (HasEnded || _queue.Count - _queuedRequests >= _maxInFlight + RoomForControls)
            return false;
        _queue.Enqueue((null, control));
        return true;
    }

    /// <summary>Asks its agent to open another session. Until it has one, this one goes on taking requests.</summary>
    /// <param name="goAway">What its agent hears of it.</param>
    /// <returns>False: it was asked before, or is over, or nobody reads.</returns>
    /// <remarks>
    /// One call, because an end leaves out its own go_away where this one was queued: were the mark set and the message queued apart, an end
    /// between the two would find the mark, say nothing, and the message would then be refused by a session that is over.
    /// </remarks>
    public bool Retire(TControl goAway) => !IsRetiring && (IsRetiring = Tell(goAway));

    /// <summary>Its agent has another session now: this one, if it was asked to go, takes nothing new and keeps what it has (S2).</summary>
    public void Succeeded() => HasSuccessor |= IsRetiring;

    /// <summary>Ends it, once. From here on it takes nothing.</summary>
    /// <param name="lastWord">What its agent still hears after what waits; null: nothing.</param>
    /// <param name="dropQueue">Nobody hears anything any more: what waits is dropped.</param>
    /// <returns>What was in flight and is to be told; null: it had ended before.</returns>
    public IReadOnlyList<TRequest>? End(TControl? lastWord, bool dropQueue)
    {
        if (HasEnded)
            return null;
        HasEnded = true;
        TRequest[] held = [.. RequestsInFlight()];
        foreach (TRequest request in held)
            Unlink(request);
        if (dropQueue)
        {
            _queue.Clear();
            (_queuedRequests, _queuedBytes) = (0, 0);
        }
        if (lastWord is not null)
            _queue.Enqueue((null, lastWord));
        return held;
    }

    /// <summary>What is to be written next: a request or a control. False: nothing waits.</summary>
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

    /// <summary>The requests in flight, newest first, as they are now.</summary>
    public IReadOnlyList<TRequest> RequestsInFlight()
    {
        var all = new TRequest[InFlight];
        int i = 0;
        for (TRequest? request = _firstInFlight; request is not null; request = request.SessionNext)
            all[i++] = request;
        return all;
    }

    // The second and the third are for an agent that does not read: requests that ended meanwhile are no more in flight, but in the queue;
    // and few that are large must not take all that the process may hold. One is always taken, however large.
    private TakeResult? LimitReached(TRequest request)
    {
        if (InFlight >= _maxInFlight)
            return new TakeResult(TakeOutcome.Overloaded, SessionLimit.InFlight, _maxInFlight);
        if (_queuedRequests >= _maxInFlight)
            return new TakeResult(TakeOutcome.Overloaded, SessionLimit.Queued, _maxInFlight);
        return _queuedRequests > 0 && _queuedBytes + request.Cost > _maxQueuedBytes
            ? new TakeResult(TakeOutcome.Overloaded, SessionLimit.QueuedBytes, _maxQueuedBytes)
            : null;
    }

    private void Link(TRequest request)
    {
        request.InFlightAt = this;
        request.SessionNext = _firstInFlight;
        if (_firstInFlight is not null)
            _firstInFlight.SessionPrevious = request;
        _firstInFlight = request;
        InFlight++;
    }

    private void Unlink(TRequest request)
    {
        if (request.SessionPrevious is null)
            _firstInFlight = request.SessionNext;
        else
            request.SessionPrevious.SessionNext = request.SessionNext;
        if (request.SessionNext is not null)
            request.SessionNext.SessionPrevious = request.SessionPrevious;
        request.SessionPrevious = request.SessionNext = null;
        request.InFlightAt = null;
        InFlight--;
    }
}
