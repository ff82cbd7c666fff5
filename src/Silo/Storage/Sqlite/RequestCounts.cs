using Microsoft.Data.Sqlite;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>
/// Holds what is kept, as of the newest transaction that the disk has confirmed and this process has heard of. Asking for it waits for
/// nothing. Thread-safe.
/// </summary>
internal sealed class RequestCounts(Lazy<SqliteDatabase> database)
{
    private readonly Lock _gate = new();
    private volatile RequestTotals _newest = new(Changes: -1, Open: 0, Kept: 0, Bytes: 0);
    private int _wanted;

    /// <summary>Gets what is kept; nothing, before it was first read, which the first look asks for.</summary>
    public RequestLogCounts Current
    {
        get
        {
            var newest = _newest;
            if (newest.Changes < 0)
            {
                Reread();
            }

            return new(newest.Open, newest.Kept - newest.Open, newest.Bytes);
        }
    }

    /// <summary>Takes what a confirmed transaction left, unless a newer one is known.</summary>
    public void Publish(RequestTotals? totals)
    {
        // Of writes that were confirmed together or one after the other, callers go on in any order.
        lock (_gate)
        {
            if (totals?.Changes > _newest.Changes)
            {
                _newest = totals;
            }
        }
    }

    /// <summary>Reads it anew, without waiting for it: at the start, and after a write of which nobody knows whether it was made.</summary>
    public void Reread()
    {
        if (Interlocked.Increment(ref _wanted) == 1)
        {
            _ = RereadAsync();
        }
    }

    private async Task RereadAsync()
    {
        int wanted;
        do
        {
            wanted = Volatile.Read(ref _wanted);
            try
            {
                Publish(await database.Value.ReadAsync(RequestCounters.ReadTotals, CancellationToken.None));
            }
            catch (Exception e) when (e is StorageUnavailableException or SqliteException or ObjectDisposedException)
            {
                // Left as it is: the next write that succeeds says what is kept.
            }
        }
        while (Interlocked.CompareExchange(ref _wanted, 0, wanted) != wanted);
    }
}
