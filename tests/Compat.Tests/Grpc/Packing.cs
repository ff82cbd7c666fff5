using System.IO.Compression;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>The compressions of gRPC.</summary>
internal static class Packing
{
    public static byte[] Pack(byte[] plain, string encoding)
    {
        var packed = new MemoryStream();
        using (Stream pack = encoding == "gzip"
            ? new GZipStream(packed, CompressionMode.Compress, leaveOpen: true)
            : new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            pack.Write(plain);
        }

        return packed.ToArray();
    }
}
