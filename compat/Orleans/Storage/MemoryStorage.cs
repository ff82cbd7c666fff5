using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Storage;

/// <summary>Keeps states in memory. What it holds is a copy, so that only a write changes it.</summary>
internal sealed class MemoryStorage(string name) : IGrainStorage
{
    private readonly ConcurrentDictionary<(string Name, GrainId Grain), Record> _records = new();
    private long _lastEtag;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = _records.GetValueOrDefault((stateName, grainId));
        grainState.State = found is null ? Activator.CreateInstance<T>() : Copiers.Copy((T)found.State!);
        grainState.ETag = found?.Etag;
        grainState.RecordExists = found is not null;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var etag = Interlocked.Increment(ref _lastEtag).ToString(CultureInfo.InvariantCulture);
        var written = new Record(Copiers.Copy(grainState.State), etag);
        var key = (stateName, grainId);
        var found = _records.GetValueOrDefault(key);
        Check("WriteState", key, found, grainState.ETag);
        // Two writers with the same etag: the one that comes second finds another record in its place.
        if (found is null ? !_records.TryAdd(key, written) : !_records.TryUpdate(key, written, found))
        {
            throw Mismatch("WriteState", key, _records.GetValueOrDefault(key)?.Etag, grainState.ETag);
        }

        grainState.ETag = etag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var found = _records.GetValueOrDefault(key);
        Check("ClearState", key, found, grainState.ETag);
        if (found is not null && !_records.TryRemove(new(key, found)))
        {
            throw Mismatch("ClearState", key, _records.GetValueOrDefault(key)?.Etag, grainState.ETag);
        }

        grainState.ETag = null;
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
        return Task.CompletedTask;
    }

    private void Check(string operation, (string Name, GrainId Grain) key, Record? found, string? etag)
    {
        if (found?.Etag != etag)
        {
            throw Mismatch(operation, key, found?.Etag, etag);
        }
    }

    private InconsistentStateException Mismatch(string operation, (string Name, GrainId Grain) key, string? stored, string? held)
        => new($"Etag mismatch during {operation} in store {name} of state {key.Name} of grain {key.Grain}:", stored, held);

    private sealed record Record(object? State, string Etag);
}
