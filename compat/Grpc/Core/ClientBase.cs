namespace Grpc.Core;

/// <summary>Begins calls; a channel makes one.</summary>
public abstract class CallInvoker
{
    private protected CallInvoker()
    {
    }

    public abstract TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        where TRequest : class where TResponse : class;

    public abstract AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        where TRequest : class where TResponse : class;

    public abstract AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        where TRequest : class where TResponse : class;

    public abstract AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
        where TRequest : class where TResponse : class;

    public abstract AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
        where TRequest : class where TResponse : class;
}

/// <summary>The way to one server.</summary>
public abstract class ChannelBase
{
    private protected ChannelBase(string target) => Target = target;

    /// <summary>Host and port.</summary>
    public string Target { get; }
    public abstract CallInvoker CreateCallInvoker();
}

/// <summary>Whether a channel uses TLS.</summary>
public abstract class ChannelCredentials
{
    public static ChannelCredentials Insecure { get; } = new Kind(false);

    /// <summary>TLS with the system's trusted roots.</summary>
    public static ChannelCredentials SecureSsl { get; } = new Kind(true);

    internal abstract bool IsSecure { get; }

    private sealed class Kind(bool secure) : ChannelCredentials
    {
        internal override bool IsSecure => secure;
    }
}

/// <summary>The base of generated clients.</summary>
public abstract class ClientBase
{
    private readonly CallInvoker? _invoker;

    private protected ClientBase(CallInvoker? callInvoker) => _invoker = callInvoker;

    /// <summary>A client that was made without a channel, for a mock, has none: every call fails.</summary>
    protected CallInvoker CallInvoker => _invoker ?? throw new NotSupportedException("The client was made without a channel.");

    /// <summary>What a client is made from again.</summary>
    protected internal class ClientBaseConfiguration
    {
        internal ClientBaseConfiguration(CallInvoker invoker) => Invoker = invoker;

        internal CallInvoker Invoker { get; }
    }
}

/// <summary>The base of a generated client of type <typeparamref name="T"/>.</summary>
public abstract class ClientBase<T> : ClientBase
    where T : ClientBase<T>
{
    protected ClientBase()
        : base(null)
    {
    }

    protected ClientBase(ClientBaseConfiguration configuration)
        : base(configuration.Invoker)
    {
    }

    public ClientBase(ChannelBase channel)
        : base(channel.CreateCallInvoker())
    {
    }

    public ClientBase(CallInvoker callInvoker)
        : base(callInvoker ?? throw new ArgumentNullException(nameof(callInvoker)))
    {
    }

    protected abstract T NewInstance(ClientBaseConfiguration configuration);
}
