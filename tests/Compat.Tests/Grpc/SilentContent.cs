using System.Net;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>A body that begins with some bytes, in one piece, and then says nothing.</summary>
internal sealed class SilentContent(byte[] first, Task until) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(first);
        await stream.FlushAsync();
        await until;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
