using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Makes states for the constructor parameters of grains.</summary>
internal static class PersistentState
{
    /// <summary>
    /// How to make the state of one parameter. ArgumentException: the parameter is not an <see cref="IPersistentState{T}"/>.
    /// </summary>
    public static Func<Activation, IStorage> Maker(Type parameterType, PersistentStateAttribute attribute)
    {
        if (!parameterType.IsGenericType || parameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new ArgumentException($"[PersistentState] is for parameters of type IPersistentState<T>, not {parameterType}.");
        }

        var type = typeof(PersistentState<>).MakeGenericType(parameterType.GetGenericArguments());
        var store = attribute.StorageName ?? "Default";
        return activation => (IStorage)Activator.CreateInstance(type, activation, attribute.StateName, StoreOf(activation, store))!;
    }

    private static IGrainStorage StoreOf(Activation activation, string name)
        => activation.ActivationServices.GetKeyedService<IGrainStorage>(name)
            ?? throw new OrleansConfigurationException(
                $"No storage provider named \"{name}\" found loading grain type {activation.GrainClass.FullName}.");
}

/// <summary>One state of one activation. Operations run one after another, so that two writes never hold the same etag.</summary>
internal sealed class PersistentState<T>(Activation activation, string name, IGrainStorage store) : IPersistentState<T>
{
    private readonly GrainState<T> _state = new();
    private Task _last = Task.CompletedTask;

    public T State
    {
        get => _state.State!;
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;

    public bool RecordExists => _state.RecordExists;

    public Task ReadStateAsync() => ReadStateAsync(default);

    public Task WriteStateAsync() => WriteStateAsync(default);

    public Task ClearStateAsync() => ClearStateAsync(default);

    public Task ReadStateAsync(CancellationToken cancellationToken) => AfterAsync(async () =>
    {
        await store.ReadStateAsync(name, activation.GrainId, _state, cancellationToken);
        _state.State ??= Activator.CreateInstance<T>();
    });

    public Task WriteStateAsync(CancellationToken cancellationToken)
        => AfterAsync(() => store.WriteStateAsync(name, activation.GrainId, _state, cancellationToken));

    public Task ClearStateAsync(CancellationToken cancellationToken) => AfterAsync(async () =>
    {
        await store.ClearStateAsync(name, activation.GrainId, _state, cancellationToken);
        _state.State = Activator.CreateInstance<T>();
    });

    private Task AfterAsync(Func<Task> operation)
    {
        TurnQueue.ThrowIfOutside();
        return _last = RunAsync(_last);

        async Task RunAsync(Task before)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await operation();
        }
    }
}
