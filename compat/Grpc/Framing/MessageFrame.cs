using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Grpc.Core;

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

    /// <summary>
    /// Cuts one whole message off the front of <paramref name="buffer"/>. False where it has not all arrived; <paramref name="missing"/>
    /// is then how many bytes are known to be needed.
    /// </summary>
    /// <exception cref="RpcException">The message is too large, or compressed in a way that was not announced or is not known.</exception>
    public static bool TryRead(
        ref ReadOnlySequence<byte> buffer, int? maxSize, string? encoding, out ReadOnlySequence<byte> message, out int missing)
    {
        message = default;
        missing = HeaderSize - (int)Math.Min(buffer.Length, HeaderSize);
        if (missing > 0)
            return false;

        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (header[0] > 1)
            throw new InvalidDataException("Unexpected compressed flag value in message header.");
        if (length > int.MaxValue)
            throw new InvalidDataException("Message too large.");
        if (length > maxSize)
            throw TooLarge();

        var rest = buffer.Length - HeaderSize;
        if (rest < length)
        {
            missing = (int)(length - rest);
            return false;
        }

        message = buffer.Slice(HeaderSize, (int)length);
        if (header[0] == 1)
            message = Decompress(message, maxSize, encoding);
        buffer = buffer.Slice(HeaderSize + (long)length);
        return true;
    }

    private static RpcException TooLarge() =>
        new(new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));

    private static ReadOnlySequence<byte> Decompress(in ReadOnlySequence<byte> message, int? maxSize, string? encoding)
    {
        if (encoding is null or Wire.Identity)
        {
            throw new RpcException(new Status(StatusCode.Internal, encoding is null
                ? "Request did not include grpc-encoding value with compressed message."
                : "Request sent 'identity' grpc-encoding value with compressed message."));
        }

        using var input = new MemoryStream(message.ToArray());
        using Stream unpacked = encoding switch
        {
            "gzip" => new GZipStream(input, CompressionMode.Decompress),
            "deflate" => new ZLibStream(input, CompressionMode.Decompress),
            _ => throw new RpcException(new Status(
                StatusCode.Unimplemented,
                $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: identity, gzip, deflate")),
        };

        // A few bytes can unpack to gigabytes; the limit counts for what comes out as well.
        var output = new ArrayBufferWriter<byte>();
        int read;
        while ((read = unpacked.Read(output.GetSpan(4096))) > 0)
        {
            output.Advance(read);
            if (output.WrittenCount > (maxSize ?? int.MaxValue))
                throw TooLarge();
        }

        return new ReadOnlySequence<byte>(output.WrittenMemory);
    }
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
        try
        {
            return deserializer(this);
        }
        finally
        {
            // The bytes go back to their pool after this.
            _payload = default;
        }
    }
}
