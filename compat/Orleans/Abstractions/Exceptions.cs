using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>What the runtime itself has to say against a call.</summary>
    public class OrleansException(string message) : Exception(message);

    /// <summary>The call was refused before it ran.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message) : base(message)
        {
        }
    }

    /// <summary>The silo stops, or is not there.</summary>
    public sealed class SiloUnavailableException(string msg) : OrleansMessageRejectionException(msg);

    /// <summary>The process that holds the observer is gone: that does not happen where there is one process.</summary>
    public sealed class ClientNotAvailableException : OrleansException
    {
        internal ClientNotAvailableException() : base("No activation for client")
        {
        }
    }

    /// <summary>
    /// Too many calls wait for the activation: <see cref="Configuration.SiloMessagingOptions.MaxEnqueuedRequestsHardLimit"/>.
    /// </summary>
    public sealed class LimitExceededException(string limitName, int current, int threshold, object extraInfo)
        : OrleansException($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}");

    /// <summary>A reminder could not be written or removed.</summary>
    public sealed class ReminderException(string message) : OrleansException(message);

    /// <summary>Something is missing from the configuration, or cannot work.</summary>
    public sealed class OrleansConfigurationException(string message) : Exception(message);
}

namespace Orleans.Serialization
{
    /// <summary>Something cannot be sent.</summary>
    public class SerializerException(string message) : Exception(message);

    /// <summary>A type cannot be sent: it lacks <see cref="GenerateSerializerAttribute"/>.</summary>
    public sealed class CodecNotFoundException(string message) : SerializerException(message);
}

namespace Orleans.Storage
{
    /// <summary>The state was written by somebody else since it was read.</summary>
    public class InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : OrleansException($"{errorMsg} Expected Etag = {currentEtag} Stored Etag = {storedEtag}")
    {
        /// <summary>The etag in the store.</summary>
        public string? StoredEtag { get; } = storedEtag;

        /// <summary>The etag that the writer held.</summary>
        public string? CurrentEtag { get; } = currentEtag;

        /// <summary>Whether the grain that failed is the one whose state it was: that one is deactivated, its callers are not.</summary>
        internal bool IsSourceActivation { get; set; } = true;
    }
}
