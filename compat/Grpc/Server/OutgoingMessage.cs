using System.Buffers;
using System.IO.Pipelines;

namespace Grpc.Server;

/// <summary>
/// Frames the messages of one response, one after the other. Where the serialiser says the length first (protobuf does), it writes
/// straight into Kestrel's pipe.
/// </summary>
internal sealed class OutgoingMessage(PipeWriter pipe, int? maxSize) : SerializationContext
{
    private ArrayBufferWriter<byte>? _unknownLength;
    private int? _length;
    private bool _begun;

    public void Write<T>(T message, Action<T, SerializationContext> serializer)
    {
        (_length, _begun, _unknownLength) = (null, false, null);
        serializer(message, this);
    }

    public override void SetPayloadLength(int payloadLength) => _length = payloadLength;

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_length is null) return _unknownLength ??= new ArrayBufferWriter<byte>();
        if (!_begun) WriteHeader(_length.Value);
        _begun = true;
        return pipe;
    }

    public override void Complete()
    {
        if (_unknownLength is not null) Complete(_unknownLength.WrittenSpan);
    }

    public override void Complete(byte[] payload) => Complete(payload.AsSpan());

    private void Complete(ReadOnlySpan<byte> payload)
    {
        WriteHeader(payload.Length);
        pipe.Write(payload);
    }

    private void WriteHeader(int length)
    {
        MessageFrame.CheckSend(length, maxSize);
        MessageFrame.WriteHeader(pipe.GetSpan(MessageFrame.HeaderSize), length);
        pipe.Advance(MessageFrame.HeaderSize);
    }
}
