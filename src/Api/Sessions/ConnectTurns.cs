using Switchboard.Api.Time;

namespace Switchboard.Api.Sessions;

/// <summary>
/// Limits how many connects are at grains at the same time; the others wait here in the order of their arrival. If a fleet reconnects at
/// once, every call would share the processor with all the others, and none would get its reply within the time that a call may take.
/// </summary>
internal sealed class ConnectTurns(GatewayClock clock) : IDisposable
{
    /// <summary>
    /// The maximum number of concurrent connects: few enough that each gets its reply in time, and enough to go on while each waits a
    /// second, as the activations of agents do whose last front door has died, until its lease lapses.
    /// </summary>
    public const int AtOnce = 250;

    private readonly SemaphoreSlim _free = new(AtOnce);

    /// <summary>Waits for a turn, which ends when it is disposed. Null: none was free in time.</summary>
    /// <param name="limit">The maximum time; zero or less: a turn that is free is taken, and not waited for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Turn?> TakeAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (await _free.WaitAsync(0, cancellationToken))
        {
            return new Turn(_free);
        }

        if (limit <= TimeSpan.Zero)
        {
            return null;
        }

        using var late = new CancellationTokenSource(limit, clock.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
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

    /// <summary>Disposes the semaphore when the process ends, after all sessions.</summary>
    public void Dispose() => _free.Dispose();

    /// <summary>Represents a turn. Disposing it again has no effect.</summary>
    public sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        private int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
            {
                free.Release();
            }
        }
    }
}
