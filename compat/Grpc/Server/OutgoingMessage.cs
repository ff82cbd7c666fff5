using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Framing;

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
    private bool _done;

    public void Write<T>(T message, Action<T, SerializationContext> serializer)
    {
        (_length, _begun, _done, _unknownLength) = (null, false, false, null);
        serializer(message, this);
        if (!_done)
            throw new InvalidOperationException("The serializer did not complete the message.");
    }

    public override void SetPayloadLength(int payloadLength) => _length = !_begun ? payloadLength : throw Misuse();

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_done)
            throw Misuse();
        if (_length is null)
        {
            _begun = true;
            return _unknownLength ??= new ArrayBufferWriter<byte>();
        }

        if (!_begun)
            WriteHeader(_length.Value);
        _begun = true;
        return pipe;
    }

    public override void Complete()
    {
        if (_done || !_begun)
            throw Misuse();
        _done = true;
        if (_unknownLength is not null)
        {
            WriteHeader(_unknownLength.WrittenCount);
            pipe.Write(_unknownLength.WrittenSpan);
        }
    }

    public override void Complete(byte[] payload)
    {
        if (_done || _begun)
            throw Misuse();
        _done = true;
        WriteHeader(payload.Length);
        pipe.Write(payload);
    }

    private static InvalidOperationException Misuse() => new("Not valid in the current state of the serialization.");

    private void WriteHeader(int length)
    {
        if (length > maxSize)
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));
        MessageFrame.WriteHeader(pipe.GetSpan(MessageFrame.HeaderSize), length);
        pipe.Advance(MessageFrame.HeaderSize);
    }
}
