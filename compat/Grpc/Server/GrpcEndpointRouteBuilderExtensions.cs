using System.Reflection;
using Grpc.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services to endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the methods of <typeparamref name="TService"/>. One object serves one call: taken from the call's services, or made for it
    /// and disposed of after it.
    /// </summary>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var unknown = builder.ServiceProvider.GetService<UnknownServices>() ?? throw new InvalidOperationException(
            "Unable to find the required services. Please add all the required services by calling 'IServiceCollection.AddGrpc' "
            + "inside the call to 'ConfigureServices(...)' in the application startup code.");

        var (bind, declaring) = FindBindMethod(typeof(TService));
        var binder = new EndpointBinder<TService>(builder, declaring);
        bind.Invoke(null, [binder, null]);
        return new GrpcServiceEndpointConventionBuilder([.. binder.Endpoints, .. unknown.Map(builder, binder.ServiceNames)]);
    }

    /// <summary>The generated method that names a service's methods: `BindService(ServiceBinderBase, TBase)`.</summary>
    private static (MethodInfo Bind, Type Declaring) FindBindMethod(Type service)
    {
        for (var type = service; type is not null; type = type.BaseType)
        {
            var attribute = type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false);
            var method = attribute?.BindType.GetMethod(attribute.BindMethodName, [typeof(ServiceBinderBase), type]);
            if (method is not null) return (method, type);
        }

        throw new InvalidOperationException($"Error binding gRPC service '{service.Name}': it derives from no generated service base.");
    }
}

/// <summary>Adds conventions (names, authorisation, …) to all endpoints of one service.</summary>
public sealed class GrpcServiceEndpointConventionBuilder : IEndpointConventionBuilder
{
    private readonly List<IEndpointConventionBuilder> _endpoints;

    internal GrpcServiceEndpointConventionBuilder(List<IEndpointConventionBuilder> endpoints) => _endpoints = endpoints;

    public void Add(Action<EndpointBuilder> convention) => _endpoints.ForEach(e => e.Add(convention));

    public void Finally(Action<EndpointBuilder> finallyConvention) => _endpoints.ForEach(e => e.Finally(finallyConvention));
}
