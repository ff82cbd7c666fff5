using Grpc.Core;

namespace Grpc.Server;

internal sealed class UnaryHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallEnvironment<TService> environment,
    Func<TService, TRequest, ServerCallContext, Task<TResponse>> invoke)
    : CallHandler<TService, TRequest, TResponse>(method, environment)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task HandleAsync(ServerCall call)
    {
        var request = await ReadRequestAsync(call);
        await using var lease = Lease(call);
        var response = await invoke(lease.Service, request, call);
        await WriteResponseAsync(call, response);
    }
}

internal sealed class ClientStreamingHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallEnvironment<TService> environment,
    Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>> invoke)
    : CallHandler<TService, TRequest, TResponse>(method, environment)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task HandleAsync(ServerCall call)
    {
        var reader = Reader(call);
        await using var lease = Lease(call);
        try
        {
            var response = await invoke(lease.Service, reader, call);
            await WriteResponseAsync(call, response);
        }
        finally
        {
            reader.Complete();
        }
    }
}

internal sealed class ServerStreamingHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallEnvironment<TService> environment,
    Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task> invoke)
    : CallHandler<TService, TRequest, TResponse>(method, environment)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task HandleAsync(ServerCall call)
    {
        var request = await ReadRequestAsync(call);
        var writer = Writer(call);
        await using var lease = Lease(call);
        try
        {
            await invoke(lease.Service, request, writer, call);
        }
        finally
        {
            writer.Complete();
        }
    }
}

internal sealed class DuplexStreamingHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallEnvironment<TService> environment,
    Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> invoke)
    : CallHandler<TService, TRequest, TResponse>(method, environment)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task HandleAsync(ServerCall call)
    {
        var reader = Reader(call);
        var writer = Writer(call);
        await using var lease = Lease(call);
        try
        {
            await invoke(lease.Service, reader, writer, call);
        }
        finally
        {
            reader.Complete();
            writer.Complete();
        }
    }
}
