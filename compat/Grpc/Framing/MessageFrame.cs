using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Grpc.Framing;

/// <summary>
/// The frame around each message: one byte that says whether it is compressed, four bytes of length in network order, the message.
/// </summary>
internal static class MessageFrame
{
    public const int HeaderSize = 5;

    public static void WriteHeader(Span<byte> header, int length)
    {
        header[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)length);
    }

    public static void CheckSend(int length, int? maxSize)
    {
        if (length > maxSize) throw Fault(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size.");
    }

    /// <summary>
    /// Cuts one whole message off the front of <paramref name="buffer"/>. False where it has not all arrived; <paramref name="missing"/>
    /// is then how many bytes are known to be needed.
    /// </summary>
    /// <exception cref="RpcException">The message is too large.</exception>
    /// <exception cref="InvalidDataException">It is no frame.</exception>
    public static bool TryRead(
        ref ReadOnlySequence<byte> buffer, int? maxSize, out ReadOnlySequence<byte> message, out bool compressed, out int missing)
    {
        (message, compressed) = (default, false);
        missing = HeaderSize - (int)Math.Min(buffer.Length, HeaderSize);
        if (missing > 0) return false;

        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (header[0] > 1) throw new InvalidDataException("Unexpected compressed flag value in message header.");
        if (length > int.MaxValue) throw new InvalidDataException("Message too large.");
        if (length > maxSize) throw TooLarge();
        missing = (int)Math.Max(0, length - (buffer.Length - HeaderSize));
        if (missing > 0) return false;

        message = buffer.Slice(HeaderSize, (int)length);
        buffer = buffer.Slice(HeaderSize + (long)length);
        compressed = header[0] == 1;
        return true;
    }

    /// <exception cref="RpcException">Compressed in a way that was not announced or is not known, or too large when unpacked.</exception>
    public static ReadOnlySequence<byte> Decompress(in ReadOnlySequence<byte> message, int? maxSize, string? encoding)
    {
        using var input = new MemoryStream(message.ToArray());
        using Stream unpacked = encoding switch
        {
            "gzip" => new GZipStream(input, CompressionMode.Decompress),
            "deflate" => new ZLibStream(input, CompressionMode.Decompress),
            null => throw Fault(StatusCode.Internal, "Request did not include grpc-encoding value with compressed message."),
            Wire.Identity => throw Fault(StatusCode.Internal, "Request sent 'identity' grpc-encoding value with compressed message."),
            _ => throw Fault(
                StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: identity, gzip, deflate"),
        };

        // A few bytes can unpack to gigabytes; the limit counts for what comes out as well.
        var output = new ArrayBufferWriter<byte>();
        for (int read; (read = unpacked.Read(output.GetSpan(4096))) > 0;)
        {
            output.Advance(read);
            if (output.WrittenCount > maxSize) throw TooLarge();
        }

        return new ReadOnlySequence<byte>(output.WrittenMemory);
    }

    private static RpcException TooLarge() =>
        Fault(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size.");

    private static RpcException Fault(StatusCode code, string detail) => new(new Status(code, detail));
}

/// <summary>A received message for a deserialiser; one object serves all messages of a stream, one after the other.</summary>
internal sealed class ReceivedMessage : DeserializationContext
{
    private ReadOnlySequence<byte> _payload;

    public override int PayloadLength => (int)_payload.Length;
    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();
    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    public T Parse<T>(in ReadOnlySequence<byte> payload, Func<DeserializationContext, T> deserializer)
    {
        _payload = payload;
        var message = deserializer(this);

        // The bytes go back to their pool after this.
        _payload = default;
        return message;
    }
}
