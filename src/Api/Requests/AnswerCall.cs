using System.Threading.Tasks.Sources;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>How an answer call ended, as its agent is told.</summary>
internal enum AnswerCallResult
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

    /// <summary>It broke off.</summary>
    BrokeOff,
}

/// <summary>
/// One answer call of an agent and what of it the caller has not taken yet: the pipe between the two. A takeover leaves the older
/// call's messages behind with it. All members but <see cref="Token"/> and the wait belong to the request's lock.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Reliability", "CA1001", Justification = "Without a timer it holds nothing; and who ends the call may come to cancel it after the agent's side has returned.")]
internal sealed class AnswerCall(long number) : IValueTaskSource<bool>
{
    private readonly CancellationTokenSource _over = new();
    private ManualResetValueTaskSourceCore<bool> _moved = new() { RunContinuationsAsynchronously = true };
    private (AgentResponse? Message, int Size) _head;
    private Queue<(AgentResponse Message, int Size)>? _more;

    public long Number { get; } = number;

    /// <summary>Fires when the call is over while its messages are being read.</summary>
    public CancellationToken Token => _over.Token;

    public AnswerCallResult Result { get; set; }

    /// <summary>Has a first message come?</summary>
    public bool Begun { get; set; }

    /// <summary>Has the agent half-closed?</summary>
    public bool Complete { get; set; }

    /// <summary>Serialised bytes that wait here.</summary>
    public long Held { get; private set; }

    /// <summary>Does the agent's side wait on <see cref="Wait"/>?</summary>
    public bool Waiting { get; private set; }

    public bool IsEmpty => _head.Message is null;

    public void Enqueue(AgentResponse message, int size)
    {
        Held += size;
        // Most answers never hold more than one message here: those need no queue.
        if (_head.Message is null)
            _head = (message, size);
        else
            (_more ??= new()).Enqueue((message, size));
    }

    public AgentResponse Dequeue()
    {
        AgentResponse message = _head.Message ?? throw new InvalidOperationException("Nothing waits here.");
        Held -= _head.Size;
        _head = _more is { Count: > 0 } ? _more.Dequeue() : default;
        return message;
    }

    /// <summary>Drops what waits, where nobody will take it any more.</summary>
    public long Clear()
    {
        long held = Held;
        (_head, _more, Held) = (default, null, 0);
        return held;
    }

    /// <summary>The agent's side waits until <see cref="TakeWaiter"/> and then <see cref="Wake"/>. One wait at a time.</summary>
    public ValueTask<bool> Wait()
    {
        _moved.Reset();
        Waiting = true;
        return new ValueTask<bool>(this, _moved.Version);
    }

    /// <summary>True: the agent's side waited, and this caller, nobody else, now owes it a <see cref="Wake"/>.</summary>
    public bool TakeWaiter()
    {
        bool waited = Waiting;
        Waiting = false;
        return waited;
    }

    /// <summary>Not under the lock.</summary>
    public void Wake() => _moved.SetResult(true);

    /// <summary>
    /// Ends a read that is under way. Not under the lock, and not on this thread: what a read's token calls is the server's code.
    /// </summary>
    public void CancelRead() => _ = _over.CancelAsync();

    bool IValueTaskSource<bool>.GetResult(short token) => _moved.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _moved.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _moved.OnCompleted(continuation, state, token, flags);
}
