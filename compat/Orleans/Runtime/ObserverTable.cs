using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>The observers of this process, held weakly: whoever made one must hold it.</summary>
internal sealed partial class ObserverTable(GrainRuntime runtime)
{
    private static readonly GrainType s_type = GrainType.Create("sys.client");

    private readonly ConcurrentDictionary<GrainId, ObserverHost> _hosts = new();
    private long _lastKey;

    public static bool IsObserver(GrainId id) => id.Type == s_type;

    public GrainId Add(IGrainObserver observer)
    {
        if (observer is GrainReference)
        {
            throw new ArgumentException("Argument obj is already a grain reference.");
        }

        var id = GrainId.Create(s_type, "hosted+" + Interlocked.Increment(ref _lastKey).ToString("x", CultureInfo.InvariantCulture));
        _hosts[id] = new ObserverHost(runtime, id, observer);
        return id;
    }

    public void Remove(IGrainObserver observer)
    {
        var reference = observer as GrainReference ?? throw new ArgumentException("Argument reference is not a grain reference.");
        if (!IsObserver(reference.GrainId))
        {
            throw new ArgumentException($"Reference {reference.GrainId} is not an observer reference");
        }

        if (!_hosts.TryRemove(reference.GrainId, out var host))
        {
            throw new ArgumentException("Reference is not associated with a local object.", nameof(observer));
        }

        host.Queue.Close();
    }

    /// <summary>Null: deleted, or its holder let go of it.</summary>
    public ObserverHost? Find(GrainId id)
    {
        if (!_hosts.TryGetValue(id, out var host))
        {
            LogGone(runtime.Log, id);
            return null;
        }

        return host;
    }

    public void Forget(ObserverHost host)
    {
        _hosts.TryRemove(new(host.Id, host));
        host.Queue.Close();
        LogGone(runtime.Log, host.Id);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A call to observer {Observer} is dropped: it was deleted, or nobody held it.")]
    private static partial void LogGone(ILogger logger, GrainId observer);
}

/// <summary>Runs the calls to one observer, one at a time.</summary>
internal sealed class ObserverHost(GrainRuntime runtime, GrainId id, IGrainObserver observer) : TurnHost(runtime)
{
    private readonly WeakReference<IGrainObserver> _observer = new(observer);

    public GrainId Id { get; } = id;

    protected override bool IsReady => _observer.TryGetTarget(out _);

    protected override bool IsReentrant => false;

    public override object GetTarget(Request request)
        => _observer.TryGetTarget(out var target) ? target : throw new ObserverGoneException();

    protected override void OnArrivedUnready()
    {
        Runtime.Observers.Forget(this);
        // Dropped: in a real silo too nobody answers.
        TakeWaiting();
    }

    protected override void OnEnded(Turn turn)
    {
    }

    private sealed class ObserverGoneException() : OrleansException("The observer is gone.");
}
