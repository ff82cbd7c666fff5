using System.Globalization;

namespace Switchboard.Client.Serving;

/// <summary>
/// Holds the running handlers of all sessions of an agent. Their number is limited, because a handler may go on after its request has
/// ended at the gateway, which then counts fewer requests in flight than run here.
/// </summary>
internal sealed class RunningRequests(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ulong Session, string Request), (RunningRequest Running, Task Task)> _entries = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>
    /// Starts a handler, or <paramref name="refuse"/> where the capacity is exhausted. At most as many refusals as handlers run.
    /// </summary>
    public StartOutcome TryStart(
        (ulong Session, string Request) key, Func<RunningRequest, Task> serve, Func<RunningRequest, Task> refuse, CancellationToken stop)
    {
        lock (_gate)
        {
            if (_entries.ContainsKey(key))
            {
                return StartOutcome.RunsAlready;
            }

            if (_entries.Count >= 2 * capacity)
            {
                return StartOutcome.Dropped;
            }

            var full = _entries.Count >= capacity;

            var running = new RunningRequest(stop);
            // On the thread pool: a handler that blocks before its first await would stop the subscription's reader. It cannot remove
            // its entry before the entry is there, because removing takes the gate that is held here.
            _entries.Add(key, (running, Task.Run(() => RunAsync(key, running, full ? refuse : serve), CancellationToken.None)));
            return full ? StartOutcome.Refused : StartOutcome.Started;
        }
    }

    /// <summary>Returns the ids of the running requests of a session as numbers, without those that are not hexadecimal.</summary>
    public HashSet<ulong> IdsOf(ulong session)
    {
        lock (_gate)
        {
            return [.. _entries.Keys.Where(k => k.Session == session).Select(k => Number(k.Request)).OfType<ulong>()];
        }
    }

    /// <summary>Cancels the handler of a request, where it runs.</summary>
    public void Cancel(ulong session, string request)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue((session, request), out var entry))
            {
                entry.Running.Cancel();
            }
        }
    }

    /// <summary>
    /// Cancels the handlers of a session that have not begun their responses: their requests have ended at the gateway with the session.
    /// A handler that begins at this moment may or may not be cancelled; either way the gateway refuses its response.
    /// </summary>
    public void CancelUnstarted(ulong session)
    {
        lock (_gate)
        {
            foreach (var (key, entry) in _entries)
            {
                if (key.Session == session && !entry.Running.HasResponse)
                {
                    entry.Running.Cancel();
                }
            }
        }
    }

    /// <summary>Returns a task that completes when the handlers of a session have ended.</summary>
    public Task WhenEndedAsync(ulong session)
    {
        lock (_gate)
        {
            return Task.WhenAll([.. _entries.Where(e => e.Key.Session == session).Select(e => e.Value.Task)]);
        }
    }

    private static ulong? Number(string request) =>
        ulong.TryParse(request, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task RunAsync((ulong, string) key, RunningRequest running, Func<RunningRequest, Task> serve)
    {
        try
        {
            await serve(running);
        }
        finally
        {
            await running.DisposeAsync();
            lock (_gate)
            {
                _entries.Remove(key);
            }
        }
    }
}
