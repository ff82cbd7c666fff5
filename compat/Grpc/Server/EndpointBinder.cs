using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Server;

/// <summary>Is told a service's methods by the generated code and maps each to an endpoint that calls it on a fresh object.</summary>
internal sealed class EndpointBinder<TService>(IEndpointRouteBuilder builder, Type declaring) : ServiceBinderBase
    where TService : class
{
    private readonly CallRunner<TService> _runner = ActivatorUtilities.CreateInstance<CallRunner<TService>>(builder.ServiceProvider);

    public List<IEndpointConventionBuilder> Endpoints { get; } = [];
    public HashSet<string> ServiceNames { get; } = [];

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, typeof(TRequest), typeof(ServerCallContext));
        var invoke = found.CreateDelegate<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>();
        Map(method, found, async (service, call) =>
        {
            var request = await ServerStreamReader<TRequest>.ReadSingleAsync(call, method.RequestMarshaller);
            await call.WriteSingleAsync(await invoke(service, request, call), method.ResponseMarshaller);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        var invoke = found.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>();
        Map(method, found, async (service, call) =>
        {
            var reader = new ServerStreamReader<TRequest>(call, method.RequestMarshaller);
            await call.WriteSingleAsync(await invoke(service, reader, call), method.ResponseMarshaller);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = found.CreateDelegate<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        Map(method, found, async (service, call) =>
        {
            var request = await ServerStreamReader<TRequest>.ReadSingleAsync(call, method.RequestMarshaller);
            await invoke(service, request, new ServerStreamWriter<TResponse>(call, method.ResponseMarshaller), call);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = found
            .CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        Map(method, found, (service, call) => invoke(
            service,
            new ServerStreamReader<TRequest>(call, method.RequestMarshaller),
            new ServerStreamWriter<TResponse>(call, method.ResponseMarshaller),
            call));
    }

    /// <summary>The method that overrides the generated base's; one that merely hides it (`new`) is passed over.</summary>
    private MethodInfo Find(IMethod method, params Type[] parameters)
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            var found = type.GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters);
            if (found is { IsVirtual: true } && found.GetBaseDefinition().DeclaringType == declaring) return found;
        }

        throw new InvalidOperationException($"Could not find '{method.Name}' on {typeof(TService)}.");
    }

    private void Map(IMethod method, MethodInfo found, Func<TService, ServerCall, Task> body)
    {
        ServiceNames.Add(method.ServiceName);
        var endpoint = builder.MapMethods(method.FullName, ["POST"], http => _runner.HandleAsync(http, method, body));
        endpoint.Add(e =>
        {
            e.DisplayName = $"gRPC - {method.FullName}";

            // What stands on the method counts more than what stands on its class, so it comes last.
            foreach (var attribute in typeof(TService).GetCustomAttributes(inherit: true)) e.Metadata.Add(attribute);
            foreach (var attribute in found.GetCustomAttributes(inherit: true)) e.Metadata.Add(attribute);
        });
        Endpoints.Add(endpoint);
    }
}
