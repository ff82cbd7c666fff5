using System.Threading.Tasks.Sources;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>
/// One answer call of an agent: a pipe whose agent's side waits for room and for the end. All members but <see cref="Token"/> and the wait
/// belong to the request's lock.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Reliability", "CA1001", Justification = "Without a timer it holds nothing; and who ends the call may come to cancel it after the agent's side has returned.")]
internal sealed class AnswerCall(long number) : AnswerPipe<AgentResponse>(number), IValueTaskSource<bool>
{
    private readonly CancellationTokenSource _over = new();
    private ManualResetValueTaskSourceCore<bool> _moved = new() { RunContinuationsAsynchronously = true };

    /// <summary>Fires when the call is over while its messages are being read.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>The agent's side waits until <see cref="Wake"/>. One wait at a time, and only where the exchange says that it waits.</summary>
    public ValueTask<bool> WaitAsync()
    {
        _moved.Reset();
        return new ValueTask<bool>(this, _moved.Version);
    }

    /// <inheritdoc />
    protected override void Wake() => _moved.SetResult(true);

    /// <summary>Ends a read that is under way. Not on this thread: what a read's token calls is the server's code.</summary>
    protected override void CancelRead() => _ = _over.CancelAsync();

    bool IValueTaskSource<bool>.GetResult(short token) => _moved.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _moved.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _moved.OnCompleted(continuation, state, token, flags);
}
