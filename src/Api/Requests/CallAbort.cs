namespace Switchboard.Api.Requests;

/// <summary>
/// Cuts a call while it lasts. Who cuts does so from a timer or another call, and the call may be ending at that moment: the handler
/// returns; Kestrel takes the context, or the whole connection, for the next call; and only then comes the cut, and hits that one.
/// </summary>
internal sealed class CallAbort(HttpContext context)
{
    private readonly Lock _gate = new();
    private bool _over;

    /// <summary>Cuts the call, unless it is over. May be called at any time, from any thread.</summary>
    public void Abort()
    {
        // Kestrel resets the stream here and tells those who wait on another thread, so that nothing runs under the lock.
        lock (_gate)
        {
            if (!_over)
                context.Abort();
        }
    }

    /// <summary>Notes that the handler is about to return: from here on nobody cuts.</summary>
    public void Over()
    {
        lock (_gate)
            _over = true;
    }
}
