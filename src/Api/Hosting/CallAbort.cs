namespace Switchboard.Api.Hosting;

/// <summary>
/// Aborts a call while it lasts. The abort comes from a timer or another call, and the call may be ending at that moment: the handler
/// returns; Kestrel reuses the context, or the whole connection, for the next call; and only then comes the abort, and hits that one.
/// </summary>
internal sealed class CallAbort(HttpContext context)
{
    private readonly Lock _gate = new();
    private bool _over;

    /// <summary>Aborts the call, unless it has ended. May be called at any time, from any thread.</summary>
    public void Abort()
    {
        // Kestrel resets the stream here and completes waiting operations on another thread, so that nothing else runs under the lock.
        lock (_gate)
        {
            if (!_over)
            {
                context.Abort();
            }
        }
    }

    /// <summary>Notes that the handler is about to return, after which the call is not aborted any more.</summary>
    public void Over()
    {
        lock (_gate)
        {
            _over = true;
        }
    }
}
