using Orleans.Core;

namespace Orleans.Core
{
    /// <summary>A stored state without its type.</summary>
    public interface IStorage
    {
        /// <summary>The version that was last read or written; null where there is none.</summary>
        string? Etag { get; }

        /// <summary>Whether the store holds it.</summary>
        bool RecordExists { get; }

        /// <summary>Removes it from the store. InconsistentStateException: somebody else has written it.</summary>
        Task ClearStateAsync();

        /// <summary>Writes it. InconsistentStateException: somebody else has written it.</summary>
        Task WriteStateAsync();

        /// <summary>Reads it anew.</summary>
        Task ReadStateAsync();

        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A stored state.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>
    /// A state of a grain: a constructor parameter with <see cref="PersistentStateAttribute"/>. Read before the grain is activated.
    /// </summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Which state, in which store.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        /// <summary>The name of the state.</summary>
        public string StateName { get; } = stateName;

        /// <summary>The name of the store; null: the default one.</summary>
        public string? StorageName { get; } = storageName;
    }
}
