using System.Buffers;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Holds the bytes of a long incomplete message outside of the garbage collector's memory. In Kestrel's memory they would stay: its pool
/// releases at most a hundredth in ten seconds while there is any traffic, and what it releases lies pinned between blocks in use, so that
/// a process that once held 1.6 GB kept it for hours (measured). These return to the system as soon as they are not read any more.
/// </summary>
/// <remarks>
/// Not thread-safe. No view of the bytes may outlive the <see cref="AdvanceTo"/> that takes them, or <see cref="Dispose"/>.
/// </remarks>
internal sealed class KeptBytes : IDisposable
{
    private const int ChunkBytes = 256 * 1024;

    private Chunk? _first;
    private Chunk? _last;
    private int _start;

    /// <summary>The bytes.</summary>
    public ReadOnlySequence<byte> Bytes => _first is null ? default : new(_first, _start, _last!, _last!.Length);

    /// <summary>Appends a copy of bytes.</summary>
    public void Append(in ReadOnlySequence<byte> bytes)
    {
        foreach (var memory in bytes)
        {
            for (var rest = memory.Span; !rest.IsEmpty;)
            {
                if (_last is null || _last.Length == ChunkBytes)
                {
                    Extend();
                }

                rest = rest[_last!.Write(rest)..];
            }
        }
    }

    /// <summary>Frees the bytes before a position of <see cref="Bytes"/>.</summary>
    /// <returns>Whether there are bytes after it.</returns>
    public bool AdvanceTo(SequencePosition position)
    {
        while (_first is not null && _first != position.GetObject())
        {
            FreeFirst();
        }

        _start = position.GetInteger();
        if (_first is not null && _first == _last && _start == _last.Length)
        {
            FreeFirst();
        }

        return _first is not null;
    }

    public void Dispose()
    {
        while (_first is not null)
        {
            FreeFirst();
        }
    }

    private void Extend()
    {
        var chunk = new Chunk(_last);
        _first ??= chunk;
        _last = chunk;
    }

    private void FreeFirst()
    {
        var freed = _first!;
        _first = freed.After;
        if (_first is null)
        {
            _last = null;
        }

        freed.Dispose();
    }

    private sealed class Chunk : ReadOnlySequenceSegment<byte>, IDisposable
    {
        private readonly NativeBlock _block = new(ChunkBytes);

        public Chunk(Chunk? before)
        {
            if (before is null)
            {
                return;
            }

            RunningIndex = before.RunningIndex + before.Length;
            before.Next = this;
        }

        public Chunk? After => (Chunk?)Next;

        public int Length => Memory.Length;

        public int Write(ReadOnlySpan<byte> bytes)
        {
            var taken = Math.Min(bytes.Length, ChunkBytes - Length);
            bytes[..taken].CopyTo(_block.GetSpan()[Length..]);
            Memory = _block.Memory[..(Length + taken)];
            return taken;
        }

        public void Dispose() => ((IDisposable)_block).Dispose();
    }
}
