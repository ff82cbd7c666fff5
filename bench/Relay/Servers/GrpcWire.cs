using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Switchboard.Bench.Servers;

/// <summary>gRPC's framing on a pipe: a zero byte (not compressed), the length in four bytes, the message.</summary>
internal static class GrpcWire
{
    public const string ContentType = "application/grpc";

    private const int PrefixBytes = 5;

    /// <summary>The next message, or null where the stream ended before one began.</summary>
    public static async ValueTask<T?> ReadAsync<T>(PipeReader reader, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var read = await reader.ReadAsync();
            var buffer = read.Buffer;
            if (TryTake(ref buffer, parser, out var message))
            {
                reader.AdvanceTo(buffer.Start);
                return message;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (!read.IsCompleted)
            {
                continue;
            }

            return buffer.IsEmpty ? null : throw new InvalidDataException("The stream ended within a message.");
        }
    }

    /// <summary>Takes one whole message off the buffer's front.</summary>
    public static bool TryTake<T>(ref ReadOnlySequence<byte> buffer, MessageParser<T> parser, out T? message)
        where T : class, IMessage<T>
    {
        message = null;
        if (buffer.Length < PrefixBytes)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        if (prefix[0] != 0)
        {
            throw new InvalidDataException("A compressed message.");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (buffer.Length < PrefixBytes + length)
        {
            return false;
        }

        message = parser.ParseFrom(buffer.Slice(PrefixBytes, length));
        buffer = buffer.Slice(PrefixBytes + length);
        return true;
    }

    /// <summary>Writes a message with its prefix; flushing is the caller's.</summary>
    public static void Write(IBufferWriter<byte> output, IMessage message)
    {
        var prefix = output.GetSpan(PrefixBytes);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)message.CalculateSize());
        output.Advance(PrefixBytes);
        message.WriteTo(output);
    }
}
