using Google.Protobuf;
using Grpc.Core;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Binds the service's methods so that bytes which are no message of their type (no protobuf, or text that is no UTF-8) end the call
/// INVALID_ARGUMENT. In gRPC for .NET alone it is UNKNOWN, and an error in the log with its stack, whichever client sent it.
/// </summary>
internal static class CheckedMessages
{
    /// <summary>Binds the service. Called by gRPC, by its name: see <see cref="BindServiceMethodAttribute"/> on the service.</summary>
    public static void BindService(ServiceBinderBase binder, AgentGateway.AgentGatewayBase? service)
        => AgentGateway.BindService(new Binder(binder), service);

    private static Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        var read = method.RequestMarshaller;
        var isRequest = method.Type == MethodType.ServerStreaming;
        return new(
            method.Type,
            method.ServiceName,
            method.Name,
            Marshallers.Create(read.ContextualSerializer, context => Read(read.ContextualDeserializer, context, isRequest)),
            method.ResponseMarshaller);
    }

    private static T Read<T>(Func<DeserializationContext, T> read, DeserializationContext context, bool isRequest)
    {
        try
        {
            return read(context);
        }
        catch (InvalidProtocolBufferException e)
        {
            var detail = $"The message is no {typeof(T).Name}: {e.Message}";
            // An agent's response is no request, so there is no verdict.
            throw isRequest
                ? GrpcError.Of(Verdict.BadRequest, detail, sent: false).ToException()
                : GrpcError.Unreadable(detail).ToException();
        }
    }

    private sealed class Binder(ServiceBinderBase inner) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) => inner.AddMethod(Checked(method), handler);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => inner.AddMethod(Checked(method), handler);
    }
}
