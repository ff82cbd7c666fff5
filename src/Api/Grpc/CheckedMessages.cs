using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Errors;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Binds the service's methods so that bytes which are no message of their kind (no protobuf, or text that is no UTF-8) end the call
/// INVALID_ARGUMENT. Left to gRPC for .NET, it is UNKNOWN, and an error in the log with its stack, whoever sent it.
/// </summary>
internal static class CheckedMessages
{
    /// <summary>Called by gRPC, by its name: see <see cref="BindServiceMethodAttribute"/> on the service.</summary>
    public static void BindService(ServiceBinderBase binder, AgentGateway.AgentGatewayBase? service)
        => AgentGateway.BindService(new Binder(binder), service);

    private static Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        Marshaller<TRequest> read = method.RequestMarshaller;
        bool isRequest = method.Type == MethodType.ServerStreaming;
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
            string detail = $"The message is no {typeof(T).Name}: {e.Message}";
            // What an agent answers is no request, of which a verdict could be told.
            throw isRequest
                ? GrpcErrors.ToRpc(Verdict.BadRequest, detail, sent: false)
                : GrpcErrors.Unreadable(detail);
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
