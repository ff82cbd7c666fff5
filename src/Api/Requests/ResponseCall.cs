using Switchboard.Api.Time;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>
/// Represents one response call of an agent: a pipe whose agent's side waits for room and for the end. All members but <see cref="Token"/>
/// and the wait are guarded by the request's lock.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Reliability", "CA1001", Justification = "Without a timer it holds nothing; and who ends the call may come to cancel it after the agent's side has returned.")]
internal sealed class ResponseCall(long number) : ResponsePipe<AgentResponse>(number)
{
    private readonly CancellationTokenSource _over = new();
    private readonly AsyncSignal _moved = new();

    /// <summary>Fires when the call ends while its messages are being read.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>
    /// Waits, on the agent's side, until <see cref="Wake"/>. One wait at a time, and only if the exchange returned that it waits.
    /// </summary>
    public ValueTask<bool> WaitAsync() => _moved.WaitAsync();

    /// <inheritdoc />
    protected override void Wake() => _moved.Set();

    /// <summary>Cancels a read that is under way. Not on this thread: the callbacks of a read's token are the server's code.</summary>
    protected override void CancelRead() => _ = _over.CancelAsync();
}
