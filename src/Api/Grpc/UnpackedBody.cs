using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using Grpc.Core;
using Switchboard.Api.Errors;

namespace Switchboard.Api.Grpc;

/// <summary>
/// A request's body whose compressed messages come out unpacked, one at a time; all else as it came. What gRPC would take for a fault of
/// the server's, a flag or a length that cannot be, is refused here; what else is wrong is gRPC's to say. A message on the wire is a byte (1: compressed), four of length in network order, and so many of content.
/// </summary>
internal sealed class UnpackedBody(PipeReader packed, string encoding, int limit) : Stream
{
    public const int HeadBytes = 5;
    private const byte Compressed = 1;
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="RpcException">A message is too large when unpacked, or not what it says that it is.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.IsEmpty)
            _rest = await NextAsync(cancellationToken);
        int length = Math.Min(buffer.Length, _rest.Length);
        _rest[..length].CopyTo(buffer);
        _rest = _rest[length..];
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    // The next message, or what is there of it at the end; empty: the end.
    private async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken)
    {
        ReadResult read = await packed.ReadAtLeastAsync(HeadBytes, cancellationToken);
        if (read.Buffer.Length < HeadBytes)
            return Take(read.Buffer);
        (byte flag, uint length) = HeadOf(read.Buffer);
        packed.AdvanceTo(read.Buffer.Start);
        if (length > limit)
            throw TooLarge();
        if (flag > Compressed)
            throw GrpcErrors.Unreadable($"A message's first byte is {flag}; it must be 0 or 1.");
        read = await packed.ReadAtLeastAsync(HeadBytes + (int)length, cancellationToken);
        ReadOnlyMemory<byte> message = Take(read.Buffer.Slice(0, Math.Min(read.Buffer.Length, HeadBytes + length)));
        return flag == Compressed && message.Length == HeadBytes + length ? Unpack(message[HeadBytes..]) : message;
    }

    private byte[] Take(in ReadOnlySequence<byte> bytes)
    {
        byte[] taken = bytes.ToArray();
        packed.AdvanceTo(bytes.End);
        return taken;
    }

    /// <summary>Can a message begin so, as far as gRPC is concerned, which judges all other lengths itself?</summary>
    public static bool IsHead(in ReadOnlySequence<byte> buffer)
    {
        (byte flag, uint length) = HeadOf(buffer);
        return flag <= Compressed && length <= int.MaxValue;
    }

    private static (byte Flag, uint Length) HeadOf(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        buffer.Slice(0, HeadBytes).CopyTo(head);
        return (head[0], BinaryPrimitives.ReadUInt32BigEndian(head[1..]));
    }

    private byte[] Unpack(ReadOnlyMemory<byte> content)
    {
        using var input = new MemoryStream(content.ToArray());
        using Stream unpacking = encoding == "gzip"
            ? new GZipStream(input, CompressionMode.Decompress)
            : new ZLibStream(input, CompressionMode.Decompress);
        var unpacked = new ArrayBufferWriter<byte>();
        unpacked.Write(new byte[HeadBytes]);
        try
        {
            for (int read; (read = unpacking.Read(unpacked.GetSpan(4096))) > 0;)
            {
                unpacked.Advance(read);
                if (unpacked.WrittenCount - HeadBytes > limit)
                    throw TooLarge();
            }
        }
        catch (InvalidDataException)
        {
            throw GrpcErrors.Unreadable($"A message says that it is {encoding}, and is not.");
        }
        byte[] message = unpacked.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), message.Length - HeadBytes);
        return message;
    }

    private RpcException TooLarge() =>
        new(new Status(StatusCode.ResourceExhausted, $"A message is longer than {limit} bytes, unpacked where it is compressed."));
}
