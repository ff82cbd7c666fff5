using System.Buffers;

namespace Grpc.Core;

/// <summary>Which side of a call sends more than one message.</summary>
public enum MethodType
{
    Unary,
    ClientStreaming,
    ServerStreaming,
    DuplexStreaming,
}

/// <summary>What is known of a method without its message types.</summary>
public interface IMethod
{
    MethodType Type { get; }
    string ServiceName { get; }
    string Name { get; }

    /// <summary>The path of its calls: "/service/name".</summary>
    string FullName { get; }
}

/// <summary>One method of a service, as generated from a .proto file.</summary>
public class Method<TRequest, TResponse>(
    MethodType type, string serviceName, string name, Marshaller<TRequest> requestMarshaller, Marshaller<TResponse> responseMarshaller)
    : IMethod
{
    public MethodType Type { get; } = type;
    public string ServiceName { get; } = serviceName ?? throw new ArgumentNullException(nameof(serviceName));
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));
    public string FullName { get; } = $"/{serviceName}/{name}";
    public Marshaller<TRequest> RequestMarshaller { get; } =
        requestMarshaller ?? throw new ArgumentNullException(nameof(requestMarshaller));
    public Marshaller<TResponse> ResponseMarshaller { get; } =
        responseMarshaller ?? throw new ArgumentNullException(nameof(responseMarshaller));
}

/// <summary>Turns messages of one type into bytes and back.</summary>
public class Marshaller<T>
{
    public Marshaller(Action<T, SerializationContext> serializer, Func<DeserializationContext, T> deserializer)
    {
        ContextualSerializer = serializer ?? throw new ArgumentNullException(nameof(serializer));
        ContextualDeserializer = deserializer ?? throw new ArgumentNullException(nameof(deserializer));
    }

    public Action<T, SerializationContext> ContextualSerializer { get; }
    public Func<DeserializationContext, T> ContextualDeserializer { get; }
}

/// <summary>Makes marshallers; generated code calls this.</summary>
public static class Marshallers
{
    public static Marshaller<T> Create<T>(Action<T, SerializationContext> serializer, Func<DeserializationContext, T> deserializer) =>
        new(serializer, deserializer);

    public static Marshaller<T> Create<T>(Func<T, byte[]> serializer, Func<byte[], T> deserializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(deserializer);
        return new((message, context) => context.Complete(serializer(message)), context => deserializer(context.PayloadAsNewBuffer()));
    }
}

/// <summary>Takes one message: by <see cref="Complete(byte[])"/>, or by length, buffer writer and <see cref="Complete()"/>.</summary>
public abstract class SerializationContext
{
    private protected SerializationContext()
    {
    }

    public abstract void Complete(byte[] payload);
    public abstract IBufferWriter<byte> GetBufferWriter();

    /// <summary>Says the message's exact length in bytes before it is written, which saves a copy.</summary>
    public abstract void SetPayloadLength(int payloadLength);
    public abstract void Complete();
}

/// <summary>One received message. Valid only while the deserialiser runs.</summary>
public abstract class DeserializationContext
{
    private protected DeserializationContext()
    {
    }

    public abstract int PayloadLength { get; }
    public abstract byte[] PayloadAsNewBuffer();
    public abstract ReadOnlySequence<byte> PayloadAsReadOnlySequence();
}
