using System.Globalization;

namespace Switchboard.Client.Serving;

/// <summary>
/// The handlers that run, over all sessions of an agent. Capped, because a handler may go on after the gateway has given its request
/// up: then the gateway counts fewer in flight than run here.
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

    /// <summary>Starts a handler; where there is no room, starts what refuses, of which there are as many again at most.</summary>
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
            // On the pool: a handler that blocks before its first await would stop the subscription's reader. It cannot remove
            // its entry before the entry is there, because removing takes the gate that is held here.
            _entries.Add(key, (running, Task.Run(() => RunAsync(key, running, full ? refuse : serve), CancellationToken.None)));
            return full ? StartOutcome.Refused : StartOutcome.Started;
        }
    }

    /// <summary>What runs for one session, by the number that the id shows in hex; what shows none is left out.</summary>
    public HashSet<ulong> IdsOf(ulong session)
    {
        lock (_gate)
        {
            return [.. _entries.Keys.Where(k => k.Session == session).Select(k => Number(k.Request)).OfType<ulong>()];
        }
    }

    /// <summary>The gateway gave one request up.</summary>
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
    /// A session ended: what it had not begun to answer is over at the gateway. A handler that begins at this very moment is cancelled
    /// or not; either way the gateway has ended its request and refuses the answer.
    /// </summary>
    public void CancelUnanswered(ulong session)
    {
        lock (_gate)
        {
            foreach (var (key, entry) in _entries)
            {
                if (key.Session == session && !entry.Running.Answering)
                {
                    entry.Running.Cancel();
                }
            }
        }
    }

    /// <summary>The handlers of one session that still run.</summary>
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

/// <summary>What became of a request that was to be started.</summary>
internal enum StartOutcome
{
    Started,
    RunsAlready,
    Refused,
    Dropped,
}
