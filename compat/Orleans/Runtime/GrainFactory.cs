using System.Globalization;

namespace Orleans.Runtime;

/// <summary>Makes references.</summary>
internal sealed class GrainFactory(GrainRuntime runtime, IServiceProvider services) : IClusterClient
{
    public IServiceProvider ServiceProvider { get; } = services;

    public T GetGrain<T>(string primaryKey, string? grainClassNamePrefix = null)
        where T : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Get<T>(primaryKey, grainClassNamePrefix);
    }

    public T GetGrain<T>(long primaryKey, string? grainClassNamePrefix = null)
        where T : IGrainWithIntegerKey => Get<T>(primaryKey.ToString("X", CultureInfo.InvariantCulture), grainClassNamePrefix);

    public T GetGrain<T>(GrainId grainId)
        where T : IAddressable => Reference<T>(grainId);

    public T CreateObjectReference<T>(IGrainObserver obj)
        where T : IGrainObserver
    {
        if (!typeof(T).IsInterface)
        {
            throw new ArgumentException($"The provided type parameter must be an interface. '{typeof(T).FullName}' is not an interface.");
        }

        return obj is T
            ? Reference<T>(runtime.Observers.Add(obj))
            : throw new ArgumentException($"The provided object must implement '{typeof(T).FullName}'.", nameof(obj));
    }

    public void DeleteObjectReference<T>(IGrainObserver obj)
        where T : IGrainObserver => runtime.Observers.Remove(obj);

    private T Get<T>(string key, string? classNamePrefix)
        => Reference<T>(GrainId.Create(runtime.TypeOf(typeof(T), classNamePrefix), key));

    private T Reference<T>(GrainId id) => (T)(object)ProxyEmitter.Create(typeof(T), runtime, id);
}
