namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// Lets reads through, and holds them up while the log is emptied: as long as any read sees an old state of the file, the log has to keep
/// all that came after it, and reads that overlap without a gap would let it grow for ever.
/// </summary>
internal sealed class ReadGate
{
    // Waited on, which System.Threading.Lock does not offer.
    private readonly object _lock = new();
    private int _reading;
    private bool _shut;

    /// <summary>Waits until reads are let through, and counts one. The writer opens the gate again in every case, within its bound.</summary>
    public void Enter()
    {
        lock (_lock)
        {
            while (_shut)
            {
                Monitor.Wait(_lock);
            }

            _reading++;
        }
    }

    /// <summary>Ends one read.</summary>
    public void Exit()
    {
        lock (_lock)
        {
            if (--_reading == 0)
            {
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Runs something while nobody reads. False: reads went on for longer than the bound, and it did not run.</summary>
    public bool TryRunAlone(Action action, TimeSpan bound)
    {
        try
        {
            lock (_lock)
            {
                _shut = true;
                // Woken when the last one has ended, and by nothing else: readers that wait for the gate wake nobody.
                if (_reading > 0 && !Monitor.Wait(_lock, bound))
                {
                    return false;
                }
            }

            action();
            return true;
        }
        finally
        {
            lock (_lock)
            {
                _shut = false;
                Monitor.PulseAll(_lock);
            }
        }
    }
}
