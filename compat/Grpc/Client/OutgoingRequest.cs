using System.Buffers;

namespace Grpc.Client;

/// <summary>Frames the messages of one request, each in one pooled buffer that goes out in one write.</summary>
internal sealed class OutgoingRequest(int? maxSize) : SerializationContext, IBufferWriter<byte>
{
    private byte[] _buffer = [];
    private int _used;

    public async Task SendAsync<T>(Stream stream, T message, Marshaller<T> marshaller, CancellationToken cancellationToken)
    {
        _used = 0;
        marshaller.ContextualSerializer(message, this);
        await stream.WriteAsync(_buffer.AsMemory(0, _used), cancellationToken).ConfigureAwait(false);

        // Only here: after a write that failed, the handler below might still hold the buffer.
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    public override void SetPayloadLength(int payloadLength)
    {
        MessageFrame.CheckSend(payloadLength, maxSize);
        Begin(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_used == 0) Begin(256);
        return this;
    }

    public override void Complete()
    {
        var length = _used - MessageFrame.HeaderSize;
        MessageFrame.CheckSend(length, maxSize);
        MessageFrame.WriteHeader(_buffer, length);
    }

    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        this.Write(payload);
        Complete();
    }

    public void Advance(int count) => _used += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_used);
    }

    private void Begin(int expected)
    {
        _used = 0;
        Reserve(MessageFrame.HeaderSize + expected);
        _used = MessageFrame.HeaderSize;
    }

    private void Reserve(int size)
    {
        if (_buffer.Length - _used >= size) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_used + size, _used * 2));
        _buffer.AsSpan(0, _used).CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
