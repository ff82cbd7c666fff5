namespace Grpc.Core;

/// <summary>One call as its handler sees it.</summary>
public abstract class ServerCallContext
{
    private protected ServerCallContext()
    {
    }

    /// <summary>"/service/method".</summary>
    public abstract string Method { get; }
    public abstract string Host { get; }

    /// <summary>The other end's address, "ipv4:1.2.3.4:5" or "ipv6:[::1]:5".</summary>
    public abstract string Peer { get; }

    /// <summary>When the caller stops waiting (UTC); <see cref="DateTime.MaxValue"/> where it gave no deadline.</summary>
    public abstract DateTime Deadline { get; }
    public abstract Metadata RequestHeaders { get; }

    /// <summary>Signals that the caller has gone or its deadline has passed.</summary>
    public abstract CancellationToken CancellationToken { get; }

    /// <summary>Sent after the last message, with the status.</summary>
    public abstract Metadata ResponseTrailers { get; }

    /// <summary>What the call ends with where the handler returns.</summary>
    public Status Status { get; set; } = Status.DefaultSuccess;
    public WriteOptions? WriteOptions { get; set; }
    public abstract IDictionary<object, object> UserState { get; }

    /// <summary>Sends the response headers at once. Only once a call, and before the first message.</summary>
    public abstract Task WriteResponseHeadersAsync(Metadata responseHeaders);
}
