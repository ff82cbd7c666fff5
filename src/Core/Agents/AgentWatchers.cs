namespace Switchboard.Core.Agents;

/// <summary>
/// Holds the front doors that want to hear when an agent connects, because callers wait for it there. Each says so again every now and
/// then, and is forgotten when it has not. Not thread-safe: an agent's grain turns are its lock.
/// </summary>
/// <param name="capacity">The most front doors; at least 1.</param>
/// <param name="lasts">How long one is remembered that does not say so again.</param>
/// <typeparam name="TObserver">How a front door is reached.</typeparam>
public sealed class AgentWatchers<TObserver>(int capacity, TimeSpan lasts)
    where TObserver : class
{
    private readonly Dictionary<ushort, (TObserver Observer, TimeSpan Until)> _watchers = [];

    /// <summary>Gets how many there are.</summary>
    public int Count => _watchers.Count;

    /// <summary>Adds a front door, or keeps it for longer. One too many is not added: it asks again by itself.</summary>
    public void Add(ushort frontDoor, TObserver observer, TimeSpan now)
    {
        if (_watchers.Count >= capacity && !_watchers.ContainsKey(frontDoor))
        {
            Forget(now);
            if (_watchers.Count >= capacity)
            {
                return;
            }
        }

        _watchers[frontDoor] = (observer, now + lasts);
    }

    /// <summary>Takes all of them out: the agent has connected. Whoever still waits then says so again.</summary>
    public IReadOnlyList<TObserver> TakeAll(TimeSpan now)
    {
        if (_watchers.Count == 0)
        {
            return [];
        }

        Forget(now);
        TObserver[] taken = [.. _watchers.Values.Select(static watcher => watcher.Observer)];
        _watchers.Clear();
        return taken;
    }

    private void Forget(TimeSpan now)
    {
        foreach (var (frontDoor, watcher) in _watchers)
        {
            if (watcher.Until <= now)
            {
                _watchers.Remove(frontDoor);
            }
        }
    }
}
