using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Server;

/// <summary>Is told a service's methods by the generated code and maps each to an endpoint that calls it on a fresh object.</summary>
internal sealed class EndpointBinder<TService>(IEndpointRouteBuilder builder, Type declaring) : ServiceBinderBase
    where TService : class
{
    private readonly CallEnvironment<TService> _environment = ActivatorUtilities.CreateInstance<CallEnvironment<TService>>(builder.ServiceProvider);

    public List<IEndpointConventionBuilder> Endpoints { get; } = [];

    public HashSet<string> ServiceNames { get; } = [];

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, typeof(TRequest), typeof(ServerCallContext));
        var invoke = found.CreateDelegate<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>();
        Map(found, new UnaryHandler<TService, TRequest, TResponse>(method, _environment, invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        var invoke = found.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>();
        Map(found, new ClientStreamingHandler<TService, TRequest, TResponse>(method, _environment, invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = found.CreateDelegate<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        Map(found, new ServerStreamingHandler<TService, TRequest, TResponse>(method, _environment, invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = found
            .CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        Map(found, new DuplexStreamingHandler<TService, TRequest, TResponse>(method, _environment, invoke));
    }

    /// <summary>The method that overrides the generated base's; one that merely hides it (`new`) is passed over.</summary>
    private MethodInfo Find(IMethod method, params Type[] parameters)
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            var found = type.GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters);
            if (found is { IsVirtual: true } && found.GetBaseDefinition().DeclaringType == declaring)
                return found;
        }

        throw new InvalidOperationException($"Could not find '{method.Name}' on {typeof(TService)}.");
    }

    private void Map<TRequest, TResponse>(MethodInfo found, CallHandler<TService, TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
    {
        ServiceNames.Add(handler.Method.ServiceName);
        var endpoint = builder.MapMethods(handler.Method.FullName, ["POST"], handler.HandleAsync);
        endpoint.Add(e =>
        {
            e.DisplayName = $"gRPC - {handler.Method.FullName}";

            // What stands on the method counts more than what stands on its class, so it comes last.
            foreach (var attribute in typeof(TService).GetCustomAttributes(inherit: true))
                e.Metadata.Add(attribute);
            foreach (var attribute in found.GetCustomAttributes(inherit: true))
                e.Metadata.Add(attribute);
        });
        Endpoints.Add(endpoint);
    }
}
