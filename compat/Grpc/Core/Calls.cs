using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Grpc.Client;

namespace Grpc.Core;

/// <summary>What a caller may say of one call.</summary>
[SuppressMessage("Design", "CA1068", Justification = "The order of the arguments is the real package's.")]
public readonly struct CallOptions(
    Metadata? headers = null, DateTime? deadline = null, CancellationToken cancellationToken = default, WriteOptions? writeOptions = null)
{
    public Metadata? Headers { get; } = headers;

    /// <summary>UTC. Null: the call may last for ever.</summary>
    public DateTime? Deadline { get; } = deadline;
    public CancellationToken CancellationToken { get; } = cancellationToken;
    public WriteOptions? WriteOptions { get; } = writeOptions;
}

/// <summary>A call with one message each way.</summary>
public sealed class AsyncUnaryCall<TResponse> : IDisposable
{
    private readonly ClientCall _call;

    internal AsyncUnaryCall(ClientCall call, Task<TResponse> response) => (_call, ResponseAsync) = (call, response);

    public Task<TResponse> ResponseAsync { get; }
    public Task<Metadata> ResponseHeadersAsync => _call.GetHeadersAsync();
    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();
    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <summary>Throws <see cref="InvalidOperationException"/> while the call is under way.</summary>
    public Status GetStatus() => _call.GetStatus();

    /// <summary>Throws <see cref="InvalidOperationException"/> while the call is under way.</summary>
    public Metadata GetTrailers() => _call.GetTrailers();

    /// <summary>Cancels the call where it is under way.</summary>
    public void Dispose() => _call.Dispose();
}

/// <summary>A call with one message out and many back; its members are those of <see cref="AsyncUnaryCall{TResponse}"/>.</summary>
public sealed class AsyncServerStreamingCall<TResponse> : IDisposable
{
    private readonly ClientCall _call;

    internal AsyncServerStreamingCall(ClientCall call, IAsyncStreamReader<TResponse> reader) => (_call, ResponseStream) = (call, reader);

    public IAsyncStreamReader<TResponse> ResponseStream { get; }
    public Task<Metadata> ResponseHeadersAsync => _call.GetHeadersAsync();
    public Status GetStatus() => _call.GetStatus();
    public Metadata GetTrailers() => _call.GetTrailers();
    public void Dispose() => _call.Dispose();
}

/// <summary>A call with many messages out and one back; its members are those of <see cref="AsyncUnaryCall{TResponse}"/>.</summary>
public sealed class AsyncClientStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly ClientCall _call;

    internal AsyncClientStreamingCall(ClientCall call, IClientStreamWriter<TRequest> writer, Task<TResponse> response) =>
        (_call, RequestStream, ResponseAsync) = (call, writer, response);

    public IClientStreamWriter<TRequest> RequestStream { get; }
    public Task<TResponse> ResponseAsync { get; }
    public Task<Metadata> ResponseHeadersAsync => _call.GetHeadersAsync();
    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();
    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);
    public Status GetStatus() => _call.GetStatus();
    public Metadata GetTrailers() => _call.GetTrailers();
    public void Dispose() => _call.Dispose();
}

/// <summary>Many messages each way, independent of each other; its members are those of <see cref="AsyncUnaryCall{TResponse}"/>.</summary>
public sealed class AsyncDuplexStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly ClientCall _call;

    internal AsyncDuplexStreamingCall(ClientCall call, IClientStreamWriter<TRequest> writer, IAsyncStreamReader<TResponse> reader) =>
        (_call, RequestStream, ResponseStream) = (call, writer, reader);

    public IClientStreamWriter<TRequest> RequestStream { get; }
    public IAsyncStreamReader<TResponse> ResponseStream { get; }
    public Task<Metadata> ResponseHeadersAsync => _call.GetHeadersAsync();
    public Status GetStatus() => _call.GetStatus();
    public Metadata GetTrailers() => _call.GetTrailers();
    public void Dispose() => _call.Dispose();
}
