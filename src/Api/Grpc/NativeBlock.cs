using System.Buffers;
using System.Runtime.InteropServices;

namespace Switchboard.Api.Grpc;

/// <summary>Holds memory outside of the garbage collector's heap. It is freed by disposing it only.</summary>
internal sealed unsafe class NativeBlock : MemoryManager<byte>
{
    // With less than this, trimming is not worth the call.
    private const long MuchBytes = 64 * 1024 * 1024;

    private static long _allocated;
    private static long _most;

    private readonly int _length;
    private byte* _bytes;

    public NativeBlock(int length)
    {
        _length = length;
        _bytes = (byte*)NativeMemory.Alloc((nuint)length);
        var now = Interlocked.Add(ref _allocated, length);
        if (now > Volatile.Read(ref _most))
        {
            Volatile.Write(ref _most, now);
        }
    }

    /// <summary>The number of bytes in all blocks.</summary>
    public static long Allocated => Volatile.Read(ref _allocated);

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new(_bytes, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex, pinnable: this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (_bytes is null)
        {
            return;
        }

        NativeMemory.Free(_bytes);
        _bytes = null;
        var now = Interlocked.Add(ref _allocated, -_length);
        var most = Volatile.Read(ref _most);
        if (most >= MuchBytes && now < most / 4 && Interlocked.CompareExchange(ref _most, now, most) == most)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static _ => Trim(), null);
        }
    }

    // Linux's C library keeps memory that is freed in the middle of its heap until it is trimmed; others return it, and have no such call.
    private static void Trim()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                _ = MallocTrim(0);
            }
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another library than glibc.
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MallocTrim(nuint pad);
}
