using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Switchboard.Abstractions;

namespace Switchboard.Grains.Tests.Support;

/// <summary>Memory storage that counts writes and fails when told to.</summary>
internal sealed class TestStorage
{
    private const string Inner = "inner";
    private int _writes;

    public int Writes => Volatile.Read(ref _writes);

    /// <summary>Whether a write fails; asked with the state's name.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>What each write waits for before it is made.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public void AddTo(ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorage(Inner);
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>(Inner);
        silo.Services.AddKeyedSingleton<IGrainStorage>(
            Names.Storage.Provider, (services, _) => new Provider(this, services.GetRequiredKeyedService<IGrainStorage>(Inner)));
    }

    private sealed class Provider(TestStorage owner, IGrainStorage inner) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            inner.ReadStateAsync(stateName, grainId, grainState);

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            Interlocked.Increment(ref owner._writes);
            await owner.Gate;
            if (owner.Fails(stateName))
            {
                throw new IOException("The store's disk is full.");
            }

            await inner.WriteStateAsync(stateName, grainId, grainState);
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            inner.ClearStateAsync(stateName, grainId, grainState);
    }
}
