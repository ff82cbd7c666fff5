using System.Collections.Concurrent;
using Orleans.Serialization;
using Orleans.Storage;

namespace Switchboard.Grains.Tests.TwoSilos;

/// <summary>
/// A store that outlives a silo, as a cluster's must: Orleans' memory storage keeps its rows in grains, which go with the silo that they
/// happen to be on, and the registry of front doors with them.
/// </summary>
internal sealed class SharedStorage(ConcurrentDictionary<string, SharedStorage.Row> rows, Serializer serializer) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = rows.TryGetValue(Key(stateName, grainId), out var row);
        grainState.State = found ? serializer.Deserialize<T>(row!.Bytes)! : Activator.CreateInstance<T>();
        (grainState.RecordExists, grainState.ETag) = (found, row?.Etag);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var row = new Row(serializer.SerializeToArray(grainState.State), Guid.NewGuid().ToString("N"));
        var written = rows.AddOrUpdate(Key(stateName, grainId), row, (_, old) => old.Etag == grainState.ETag ? row : old);
        if (written != row)
        {
            throw new InconsistentStateException("Somebody else has written this state.", written.Etag, grainState.ETag);
        }

        (grainState.RecordExists, grainState.ETag) = (true, row.Etag);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        rows.TryRemove(Key(stateName, grainId), out _);
        (grainState.RecordExists, grainState.ETag, grainState.State) = (false, null, Activator.CreateInstance<T>());
        return Task.CompletedTask;
    }

    private static string Key(string stateName, GrainId grainId) => $"{stateName}/{grainId}";

    internal sealed record Row(byte[] Bytes, string Etag);
}
