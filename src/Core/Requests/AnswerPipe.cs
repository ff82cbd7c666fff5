namespace Switchboard.Core.Requests;

/// <summary>How an answer call ended, as its agent is told.</summary>
public enum AnswerCallResult
{
    /// <summary>It is under way.</summary>
    Open,

    /// <summary>The caller has all of it; or the agent said itself, in order, that it failed.</summary>
    Done,

    /// <summary>A newer answer call of the same session took over.</summary>
    Superseded,

    /// <summary>The request ended while it was open.</summary>
    RequestOver,

    /// <summary>A message of it is too long.</summary>
    TooLarge,

    /// <summary>Its status is outside 200 to 599.</summary>
    BadStatus,

    /// <summary>A message of it has more headers than may be, or longer ones.</summary>
    BadHeaders,

    /// <summary>It broke off.</summary>
    BrokeOff,
}

/// <summary>
/// One answer call of an agent and what of it the caller has not taken yet: the pipe between the two. A takeover leaves the older
/// call's messages behind with it. Belongs to the lock of the request that it answers.
/// </summary>
/// <param name="number">The call's own number, different for each call.</param>
/// <typeparam name="TMessage">A message of an answer.</typeparam>
public abstract class AnswerPipe<TMessage>(long number)
    where TMessage : class
{
    private (TMessage? Message, long Cost) _head;
    private Queue<(TMessage Message, long Cost)>? _more;

    /// <summary>The call's own number.</summary>
    public long Number { get; } = number;

    /// <summary>How it ended; open until then.</summary>
    public AnswerCallResult Result { get; internal set; }

    /// <summary>Has a first message come?</summary>
    public bool Begun { get; internal set; }

    /// <summary>Has the agent half-closed?</summary>
    public bool Complete { get; internal set; }

    /// <summary>What the messages cost that wait here, in bytes.</summary>
    public long Held { get; private set; }

    /// <summary>Does the agent's side wait for room, or for the end?</summary>
    public bool Waiting { get; internal set; }

    /// <summary>Has the caller taken everything that came?</summary>
    public bool IsEmpty => _head.Message is null;

    /// <summary>The agent's side waits and is to look again. Not called under the lock.</summary>
    protected internal abstract void Wake();

    /// <summary>A read of the agent's call is under way and is to end. Not called under the lock.</summary>
    protected internal abstract void CancelRead();

    internal void Enqueue(TMessage message, long cost)
    {
        Held += cost;
        // Most answers never hold more than one message here: those need no queue.
        if (_head.Message is null)
            _head = (message, cost);
        else
            (_more ??= new()).Enqueue((message, cost));
    }

    internal TMessage Dequeue()
    {
        TMessage message = _head.Message ?? throw new InvalidOperationException("Nothing waits here.");
        Held -= _head.Cost;
        _head = _more is { Count: > 0 } ? _more.Dequeue() : default;
        return message;
    }

    // Drops what waits, where nobody will take it any more.
    internal long Clear()
    {
        long held = Held;
        (_head, _more, Held) = (default, null, 0);
        return held;
    }

    // True: the agent's side waited, and whoever asked, nobody else, now owes it a Wake.
    internal bool TakeWaiter()
    {
        bool waited = Waiting;
        Waiting = false;
        return waited;
    }
}
