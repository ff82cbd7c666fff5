using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.Server;

/// <summary>What all calls of one service share.</summary>
internal sealed class CallEnvironment<TService>(IOptions<GrpcServiceOptions> options, ILoggerFactory loggers)
    where TService : class
{
    private readonly Lazy<ObjectFactory<TService>> _factory = new(() => ActivatorUtilities.CreateFactory<TService>([]));

    public GrpcServiceOptions Options { get; } = options.Value;

    public ILogger Logger { get; } = loggers.CreateLogger("Grpc.AspNetCore.Server.ServerCallHandler");

    /// <summary>The object that serves one call: the container's, or a new one that ends with the call.</summary>
    public ServiceLease<TService> Lease(HttpContext http) => http.RequestServices.GetService<TService>() is { } service
        ? new(service, Owned: false)
        : new(_factory.Value(http.RequestServices, []), Owned: true);
}

/// <summary>A service object for the time of one call.</summary>
internal readonly record struct ServiceLease<TService>(TService Service, bool Owned) : IAsyncDisposable
    where TService : class
{
    public ValueTask DisposeAsync()
    {
        if (Owned && Service is IAsyncDisposable both)
            return both.DisposeAsync();
        if (Owned && Service is IDisposable only)
            only.Dispose();
        return default;
    }
}
