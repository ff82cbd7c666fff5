using Switchboard.Api.Requests;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Bounds how many connects are with grains at once; the others wait here, first come first. Of a fleet that comes back at once every call
/// would share the processor with all the others, and none would be answered within the time that a call may take.
/// </summary>
internal sealed class ConnectTurns(GatewayClock clock) : IDisposable
{
    /// <summary>
    /// So many at once: few enough that each is answered in time, and enough to go on where each waits a second, as the activations of agents
    /// do whose last front door has died, until its lease lapses.
    /// </summary>
    public const int AtOnce = 250;

    /// <summary>The longest that a connect waits for its turn.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _free = new(AtOnce);

    /// <summary>Waits for a turn, which is over when it is disposed. Null: none came in time.</summary>
    public async Task<Turn?> TakeAsync(CancellationToken cancellationToken)
    {
        if (await _free.WaitAsync(0, cancellationToken))
            return new Turn(_free);
        using var limit = new CancellationTokenSource(Limit, clock.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _free.WaitAsync(both.Token);
            return new Turn(_free);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The process ends, and every session has before.</summary>
    public void Dispose() => _free.Dispose();

    /// <summary>A turn. It is over once, however often it is disposed.</summary>
    public sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        private int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
                free.Release();
        }
    }
}
