using System.IO.Compression;

namespace Switchboard.Scenarios.BadInput;

/// <summary>Little that becomes much.</summary>
internal static class Packed
{
    public static byte[] Zeros(int count, string encoding = "gzip") => Of(new byte[count], encoding);

    public static byte[] Of(byte[] plain, string encoding)
    {
        var packed = new MemoryStream();
        using (Stream pack = encoding == "gzip"
            ? new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)
            : new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            pack.Write(plain);
        }

        return packed.ToArray();
    }
}
