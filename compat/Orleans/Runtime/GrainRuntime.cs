using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The one silo: which activations and observers there are, and the way of a call to them.</summary>
internal sealed partial class GrainRuntime
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly GrainClasses _classes;
    private volatile bool _stopping;
    private volatile bool _stopped;
    private ITimer? _collector;

    public GrainRuntime(IServiceProvider services)
    {
        Services = services;
        GrainTime = services.GetRequiredKeyedService<TimeProvider>(TimeProviderNames.Grains);
        CollectionTime = services.GetRequiredKeyedService<TimeProvider>(TimeProviderNames.ActivationManagement);
        Scheduler = services.GetRequiredService<ITurnScheduler>();
        Chores = new TurnQueue(this, Scheduler);
        Log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Orleans.Grain");
        Messaging = services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value;
        Collection = services.GetRequiredService<IOptions<GrainCollectionOptions>>().Value;
        Timeouts = new CallTimeouts(services.GetRequiredKeyedService<TimeProvider>(TimeProviderNames.Messaging), Messaging.ResponseTimeout);
        Observers = new ObserverTable(this);
        _classes = services.GetRequiredService<GrainClasses>();
    }

    public IServiceProvider Services { get; }

    public TimeProvider GrainTime { get; }

    public TimeProvider CollectionTime { get; }

    public ITurnScheduler Scheduler { get; }

    /// <summary>
    /// What the silo does of its own accord (ticks of reminders, collecting, stopping) is in turns too, so that a simulation orders it.
    /// </summary>
    public TurnQueue Chores { get; }

    public ILogger Log { get; }

    public SiloMessagingOptions Messaging { get; }

    public GrainCollectionOptions Collection { get; }

    public CallTimeouts Timeouts { get; }

    public ObserverTable Observers { get; }

    /// <summary>The oldest first: the order of a dictionary is another one in every process.</summary>
    public IEnumerable<Activation> Activations => _activations.Values.OrderBy(activation => activation.Number);

    /// <summary>Finds which grain class an interface means. ArgumentException: none or several.</summary>
    public GrainType TypeOf(Type interfaceType, string? classNamePrefix) => _classes.TypeOf(interfaceType, classNamePrefix);

    /// <summary>Brings a call to its grain or observer, activating the grain where it is not.</summary>
    public void Route(Request request)
    {
        var reference = request.Target;
        if (reference.LastHost?.TryReceive(request) == true)
        {
            return;
        }

        try
        {
            TurnHost? host;
            do
            {
                reference.LastHost = host = Find(reference.GrainId);
            }
            while (host is not null && !host.TryReceive(request));
        }
        catch (Exception exception)
        {
            request.Refuse(exception);
        }
    }

    /// <summary>The activation is gone; the next call makes another.</summary>
    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    public void Start()
    {
        _classes.Check();
        var quantum = Collection.CollectionQuantum;
        _collector = CollectionTime.CreateTimer(_ => _ = Chores.RunAsync(() => CollectAsync(Collection.CollectionAge)), null, quantum, quantum);
    }

    /// <summary>Deactivates every grain, as long as the token lets it; then ends every call that still waits.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        return Chores.RunAsync(() => StopInTurnsAsync(cancellationToken));
    }

    private async Task StopInTurnsAsync(CancellationToken cancellationToken)
    {
        if (_collector is { } collector)
        {
            await collector.DisposeAsync();
        }

        try
        {
            await Task.WhenAll(Activations.Select(activation =>
            {
                activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "This process is terminating."), cancellationToken);
                return activation.Deactivated;
            })).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            LogStopUnfinished(Log, _activations.Count);
        }

        _stopped = true;
        Timeouts.RefuseAll(new SiloUnavailableException("The local Orleans host is shutting down and can no longer process the request."));
    }

    /// <summary>Deactivates grains that have had no call for so long. Completes when they are gone.</summary>
    public Task CollectAsync(TimeSpan age)
        => Task.WhenAll(Activations.Select(activation => activation.CollectAsync(age)));

    /// <summary>Null: an observer that is not there. As in a real silo nobody answers, and the caller's patience decides.</summary>
    private TurnHost? Find(GrainId id)
    {
        if (_stopped)
        {
            throw new SiloUnavailableException($"The local Orleans host is shutting down and can no longer process the request: {id}.");
        }

        if (ObserverTable.IsObserver(id))
        {
            return Observers.Find(id);
        }

        if (_activations.TryGetValue(id, out var there))
        {
            return there;
        }

        if (_stopping)
        {
            throw new SiloUnavailableException($"This silo is stopping and activates no more grains: {id}.");
        }

        var grainClass = _classes.ClassOf(id.Type) ?? throw new ArgumentException($"There is no grain class of type {id.Type}.");
        return _activations.GetOrAdd(
            id, static (key, made) => new Activation(made.Runtime, key, made.Class), (Runtime: this, Class: grainClass));
    }

    public void LogOneWayFailed(Exception exception, Request request) => LogOneWayFailed(Log, exception, request);

    [LoggerMessage(Level = LogLevel.Warning, Message = "One-way call {Request} failed.")]
    private static partial void LogOneWayFailed(ILogger logger, Exception exception, Request request);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo stopped before {Count} activations had gone.")]
    private static partial void LogStopUnfinished(ILogger logger, int count);
}
