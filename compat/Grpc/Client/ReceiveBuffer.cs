using System.Buffers;

namespace Grpc.Client;

/// <summary>What has been read of a response and not yet taken: one pooled array, so that a message is one piece.</summary>
internal sealed class ReceiveBuffer
{
    private const int UsualSize = 16 * 1024;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    public ReadOnlySequence<byte> Unread => new(_bytes, _start, _end - _start);

    /// <summary>Drops what was taken: all but the last <paramref name="unread"/> bytes.</summary>
    public void KeepOnly(long unread) => _start = _end - (int)unread;

    /// <summary>Reads once more; at least <paramref name="missing"/> bytes are still to come. False at the stream's end.</summary>
    public async ValueTask<bool> FillAsync(Stream stream, int missing, CancellationToken cancellationToken)
    {
        MakeRoom(missing);
        var read = await stream.ReadAsync(_bytes.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;

        // Only at the end: after a read that failed, the handler below might still hold the buffer.
        if (read == 0 && IsEmpty) Release();
        return read > 0;
    }

    private void MakeRoom(int missing)
    {
        // One large message must not make a quiet stream keep a large buffer.
        if (IsEmpty && _bytes.Length > 4 * UsualSize) Release();
        if (IsEmpty) _start = _end = 0;
        if (_bytes.Length - _end >= missing && _bytes.Length > 0) return;

        // Twice as much at most: a length that the peer merely claims must not make us reserve it.
        var unread = _end - _start;
        var size = Math.Max(UsualSize, Math.Min(unread + (long)missing, 2L * _bytes.Length));
        if (size <= _bytes.Length)
        {
            _bytes.AsSpan(_start, unread).CopyTo(_bytes);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)size);
            _bytes.AsSpan(_start, unread).CopyTo(larger);
            Release();
            _bytes = larger;
        }

        (_start, _end) = (0, unread);
    }

    private void Release()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
    }
}
