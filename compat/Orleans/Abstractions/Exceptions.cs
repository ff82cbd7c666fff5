using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>What the runtime itself has to say against a call.</summary>
    public class OrleansException : Exception
    {
        public OrleansException() : base("Unexpected error.")
        {
        }

        public OrleansException(string message) : base(message)
        {
        }

        public OrleansException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }

    /// <summary>The call was refused before it ran.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message) : base(message)
        {
        }
    }

    /// <summary>The silo stops, or is not there.</summary>
    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        public SiloUnavailableException(string msg) : base(msg)
        {
        }
    }

    /// <summary>The process that holds the observer is gone.</summary>
    public sealed class ClientNotAvailableException : OrleansException
    {
        internal ClientNotAvailableException(GrainId clientId) : base($"No activation for client {clientId}")
        {
        }
    }

    /// <summary>Too many calls wait for the activation: <see cref="Configuration.SiloMessagingOptions.MaxEnqueuedRequestsHardLimit"/>.</summary>
    public sealed class LimitExceededException : OrleansException
    {
        public LimitExceededException(string message) : base(message)
        {
        }

        public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
            : base($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}")
        {
        }
    }

    /// <summary>The grain has no such extension.</summary>
    public sealed class GrainExtensionNotInstalledException : OrleansException
    {
        public GrainExtensionNotInstalledException(string message) : base(message)
        {
        }
    }
}

namespace Orleans.Serialization
{
    /// <summary>Something cannot be sent.</summary>
    public class SerializerException : Exception
    {
        public SerializerException(string message) : base(message)
        {
        }
    }

    /// <summary>A type cannot be sent: it lacks <see cref="GenerateSerializerAttribute"/>.</summary>
    public sealed class CodecNotFoundException(string message) : SerializerException(message);
}

namespace Orleans.Storage
{
    /// <summary>The state was written by somebody else since it was read.</summary>
    public class InconsistentStateException : OrleansException
    {
        public InconsistentStateException(string message) : base(message)
        {
        }

        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
            : base($"{errorMsg} Expected Etag = {currentEtag} Stored Etag = {storedEtag}")
            => (StoredEtag, CurrentEtag) = (storedEtag, currentEtag);

        /// <summary>Whether the grain that failed is the one whose state it was: that one is deactivated, its callers are not.</summary>
        internal bool IsSourceActivation { get; set; } = true;

        /// <summary>The etag in the store.</summary>
        public string? StoredEtag { get; }

        /// <summary>The etag that the writer held.</summary>
        public string? CurrentEtag { get; }
    }
}
