namespace Switchboard.Core.Requests;

/// <summary>Specifies how a response call ended, as its agent is notified.</summary>
public enum ResponseCallResult
{
    /// <summary>It is under way.</summary>
    Open,

    /// <summary>The caller has all of it; or the agent itself reported that it failed.</summary>
    Done,

    /// <summary>A newer response call of the same session took over.</summary>
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
/// Represents one response call of an agent, with the messages that the caller has not taken yet. A call that is superseded keeps its
/// messages to itself. Guarded by the lock of its request.
/// </summary>
/// <param name="number">The call's own number, different for each call.</param>
/// <typeparam name="TMessage">The type of a message of a response.</typeparam>
public abstract class ResponsePipe<TMessage>(long number)
    where TMessage : class
{
    private (TMessage? Message, long Cost) _head;
    private Queue<(TMessage Message, long Cost)>? _more;

    /// <summary>The call's own number.</summary>
    public long Number { get; } = number;

    /// <summary>The result; open until it has ended.</summary>
    public ResponseCallResult Result { get; internal set; }

    /// <summary>Gets whether a first message has come.</summary>
    public bool Begun { get; internal set; }

    /// <summary>Gets whether the agent has half-closed.</summary>
    public bool Complete { get; internal set; }

    /// <summary>The cost of the messages that wait here, in bytes.</summary>
    public long Held { get; private set; }

    /// <summary>Gets whether the agent's side waits for room, or for the end.</summary>
    public bool Waiting { get; internal set; }

    /// <summary>Gets whether the caller has taken everything that came.</summary>
    public bool IsEmpty => _head.Message is null;

    /// <summary>Wakes the agent's side, which waits. Not called under the lock.</summary>
    protected internal abstract void Wake();

    /// <summary>Cancels the read of the agent's call that is under way. Not called under the lock.</summary>
    protected internal abstract void CancelRead();

    internal void Enqueue(TMessage message, long cost)
    {
        Held += cost;
        // Most responses never hold more than one message here: those need no queue.
        if (_head.Message is null)
        {
            _head = (message, cost);
        }
        else
        {
            (_more ??= new()).Enqueue((message, cost));
        }
    }

    internal TMessage Dequeue()
    {
        var message = _head.Message ?? throw new InvalidOperationException("Nothing waits here.");
        Held -= _head.Cost;
        _head = _more is { Count: > 0 } ? _more.Dequeue() : default;
        return message;
    }

    // Drops what waits and will not be taken any more.
    internal long Clear()
    {
        var held = Held;
        (_head, _more, Held) = (default, null, 0);
        return held;
    }

    // True: the agent's side waited, and the caller of this method, and no other, must call Wake.
    internal bool TakeWaiter()
    {
        var waited = Waiting;
        Waiting = false;
        return waited;
    }
}
