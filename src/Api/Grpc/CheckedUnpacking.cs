using System.IO.Compression;
using Grpc.Net.Compression;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Ends a call INVALID_ARGUMENT whose message is not packed as it says. Left to gRPC for .NET, it is UNKNOWN, and an error in the log with its
/// stack. What comes out is bounded by gRPC itself (2.85): it stops where a message becomes longer than <c>MaxReceiveMessageSize</c>.
/// </summary>
internal sealed class CheckedUnpacking(ICompressionProvider inner) : ICompressionProvider
{
    public string EncodingName => inner.EncodingName;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => inner.CreateCompressionStream(stream, compressionLevel);

    public Stream CreateDecompressionStream(Stream stream) => new Unpacked(inner.CreateDecompressionStream(stream), EncodingName);

    private sealed class Unpacked(Stream inner, string encoding) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            try
            {
                return inner.Read(buffer, offset, count);
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                // The packed bytes are in memory: an IOException is one of zlib's errors, as of a dictionary that nobody has.
                throw GrpcError.Unreadable($"A message says that it is {encoding}, and is not.").ToException();
            }
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
